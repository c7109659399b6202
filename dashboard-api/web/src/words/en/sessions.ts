/** Log-ins that are going on. */
export const sessionsWords = {
  sessions: {
    title: 'Sessions',
    lead: 'A session ends by itself after four hours without use, and twelve hours after the log-in. Ending one also cuts its live views and change streams.',
    who: 'Who',
    since: 'Logged in',
    lastUse: 'Last used',
    address: 'Address',
    browser: 'Browser',
    end: 'End',
    endOf: 'End the session of {{name}}, {{browser}}',
    endOthers: 'End my other sessions',
    showAll: "Everybody's sessions",
    showMine: 'My sessions',
    this: 'This session',
    unknown: 'Not recorded',
    notEnded: 'The session was not ended',
  },
} as const
