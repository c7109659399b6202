import { createBrowserRouter, Navigate } from 'react-router'
import { LoadingShape } from '../parts/ListState.tsx'
import { WallFault } from '../wall/WallFault.tsx'
import { NotFound } from './NotFound.tsx'
import { PageFault } from './PageFault.tsx'
import { Home, Shell } from './Shell.tsx'

/** Pages are loaded when they are opened; what the first one needs, `first-visit.ts` of the build asks for early. */
export const router = createBrowserRouter([
  {
    path: '/login',
    errorElement: <PageFault />,
    hydrateFallbackElement: <LoadingShape />,
    lazy: async () => ({ Component: (await import('../session/LoginPage.tsx')).LoginPage }),
  },
  {
    path: '/field',
    errorElement: <PageFault />,
    hydrateFallbackElement: <LoadingShape />,
    lazy: async () => ({ Component: (await import('../field/FieldShell.tsx')).FieldShell }),
    children: [
      {
        path: ':no?',
        lazy: async () => ({ Component: (await import('../field/FieldPage.tsx')).FieldPage }),
      },
    ],
  },
  {
    path: '/',
    element: <Shell />,
    errorElement: <PageFault />,
    hydrateFallbackElement: <LoadingShape />,
    children: [
      {
        errorElement: <PageFault />,
        children: [
          { index: true, element: <Home /> },
          {
            path: 'alerts/:id?',
            lazy: async () => ({ Component: (await import('../alerts/AlertsPage.tsx')).AlertsPage }),
          },
          {
            path: 'cameras/:id?',
            lazy: async () => ({ Component: (await import('../cameras/CamerasPage.tsx')).CamerasPage }),
          },
          {
            path: 'cameras/new',
            lazy: async () => ({
              Component: (await import('../camera-setup/NewCameraPage.tsx')).NewCameraPage,
            }),
          },
          {
            path: 'cameras/import',
            lazy: async () => ({ Component: (await import('../camera-import/ImportPage.tsx')).ImportPage }),
          },
          {
            path: 'cameras/manage',
            lazy: async () => ({
              Component: (await import('../camera-admin/CameraAdminPage.tsx')).CameraAdminPage,
            }),
          },
          {
            path: 'cameras/:id/rules',
            lazy: async () => ({ Component: (await import('../rules/RulesPage.tsx')).RulesPage }),
          },
          {
            path: 'map',
            lazy: async () => ({ Component: (await import('../map/MapPage.tsx')).MapPage }),
          },
          {
            path: 'history',
            lazy: async () => ({ Component: (await import('../history/HistoryPage.tsx')).HistoryPage }),
          },
          {
            path: 'cases',
            lazy: async () => ({ Component: (await import('../cases/CasesPage.tsx')).CasesPage }),
          },
          {
            path: 'cases/:no',
            lazy: async () => ({ Component: (await import('../cases/CasePage.tsx')).CasePage }),
          },
          {
            path: 'cases/:no/replay',
            lazy: async () => ({ Component: (await import('../replay/CaseReplayPage.tsx')).CaseReplayPage }),
          },
          {
            path: 'department',
            lazy: async () => ({
              Component: (await import('../departments/DepartmentPage.tsx')).DepartmentPage,
            }),
          },
          {
            path: 'file',
            lazy: async () => ({ Component: (await import('../filing/FilingPage.tsx')).FilingPage }),
          },
          {
            path: 'wall',
            errorElement: <WallFault />,
            lazy: async () => ({ Component: (await import('../wall/WallPage.tsx')).WallPage }),
          },
          {
            path: 'statistics',
            lazy: async () => ({
              Component: (await import('../statistics/StatisticsPage.tsx')).StatisticsPage,
            }),
          },
          {
            path: 'statistics/cases',
            lazy: async () => ({ Component: (await import('../statistics/FigureList.tsx')).FigureCasesPage }),
          },
          {
            path: 'statistics/alerts',
            lazy: async () => ({
              Component: (await import('../statistics/FigureList.tsx')).FigureAlertsPage,
            }),
          },
          {
            path: 'health',
            lazy: async () => ({ Component: (await import('../health/HealthPage.tsx')).HealthPage }),
          },
          {
            path: 'audit',
            lazy: async () => ({ Component: (await import('../audit/AuditPage.tsx')).AuditPage }),
          },
          {
            path: 'admin',
            lazy: async () => ({ Component: (await import('../admin/AdminPage.tsx')).AdminPage }),
          },
          {
            path: 'originals',
            lazy: async () => ({ Component: (await import('../originals/OriginalsPage.tsx')).OriginalsPage }),
          },
          {
            path: 'holds',
            lazy: async () => ({ Component: (await import('../holds/HoldsPage.tsx')).HoldsPage }),
          },
          {
            path: 'sessions',
            lazy: async () => ({ Component: (await import('../sessions/SessionsPage.tsx')).SessionsPage }),
          },
          { path: 'live', element: <Navigate to="/cameras" replace /> },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
  },
])
