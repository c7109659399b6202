export const problemWords = {
  problem: {
    detail: 'Details: {{detail}}.',
    number: '(no. {{number}})',
    unknown:
      'The server answered with an unknown error ({{code}}, status {{status}}). Try again; if it stays, tell the engineer this text.',
    network: 'The server cannot be reached. Check the network; the page reconnects by itself.',
    app: 'The page itself failed. Reload it; if it stays, tell the engineer.',
    bad_request: 'The server could not read this request. Reload the page and try again.',
    not_logged_in: 'The session has ended. Log in again.',
    wrong_password: 'User name or password is wrong. Check capitals and the input method, and try again.',
    password_change_required: 'The one-time password has to be changed first.',
    forbidden: 'You do not have this right. Ask your administrator, or a colleague who has it.',
    approval_required:
      'Two persons open an original in this city: ask for it, let another investigator or auditor approve, then open it within 24 hours.',
    config_invalid: 'The configuration breaks a rule and was not saved. Mend what is listed.',
    not_found: 'It does not exist, or it belongs to another department.',
    clip_pending: 'The clip is being written. Look again in a moment.',
    expired: 'Deleted at the end of its retention; only its hash is kept.',
    version_conflict:
      'Somebody else has just changed it. Look at the change, then submit; what you typed is kept.',
    state_conflict: 'The state has changed and this is no longer possible. Look at the present state.',
    invalid: 'The content does not meet the rules. Correct it as told and submit again.',
    misdirected:
      'The upload lies at another process of the server. The picture is sent in one piece instead.',
    key_reused: 'This key was used for another request. Reload the page, then send it again.',
    too_large:
      'It is too large: a photo has at most 20 MB, an export pack 4 GB. Make it smaller and try again.',
    too_many_requests: 'Too many requests; the server refuses for now. Wait a minute and try again.',
    not_ready:
      'The server is not ready (it is starting, there is no picture for now, or the log is not signed yet). Try again in a moment.',
    no_worker:
      'No worker that could reach the camera is connected, or none can be asked from this server. Ask the engineer to check that a worker runs and has WORKER_URL; the camera can be saved without a trial.',
    internal: 'The server failed. Try again; if it stays, tell the engineer the number.',
    camera_unreachable: 'The camera cannot be reached. The system keeps trying; check line and power.',
    camera_auth: 'The camera refused user or password. Ask the engineer to check the credentials file.',
    camera_path: 'The camera has no such stream. Ask the engineer to check the configuration.',
    camera_stalled: 'The picture of the camera has stalled. The system reconnects by itself.',
    camera_codec: 'The codec of the camera is not supported. Use H.264 or a sub-stream.',
    camera_ended: 'The source has ended.',
    dependency_missing:
      'A program that is needed (ffmpeg) is missing on this server. An engineer has to install it; doctor says how.',
    disk_full: 'The disk of the server is full; nothing was saved. Tell the engineer to make room.',
    database_unavailable: 'The database does not answer for now. Try again in a moment; nothing is lost.',
    transport_unavailable: 'The event transport is away for now and recovers by itself.',
    channel_failed: 'The channel could not deliver. Check the channels of the department and try again.',
  },
}
