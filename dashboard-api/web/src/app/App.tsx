import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from 'react-router/dom'
import { ThemeProvider } from '../theme/ThemeProvider.tsx'
import { createQueries } from './queries.ts'
import { router } from './router.tsx'

const queries = createQueries()

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <ThemeProvider>
        <RouterProvider router={router} />
      </ThemeProvider>
    </QueryClientProvider>
  )
}
