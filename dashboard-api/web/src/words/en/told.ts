/** What the server tells by a code. */
export const toldWords = {
  told: {
    original: 'As the program wrote it',
    camera: {
      camera_auth:
        'The camera refuses user or password. So that the account is not locked it is tried again seldom, and at once when the credentials file is corrected.',
      camera_path: 'The camera does not know this video path. Check the stream address.',
      camera_unreachable: 'The camera cannot be reached; trying again. Check address, network and power.',
      camera_unreachable_busy:
        'The camera takes no further connection. Close other viewers; it is connected again by itself.',
      camera_unreachable_dns:
        "The camera's host name is not found. Check the address, or use the IP address.",
      camera_unreachable_refused:
        'Nothing answers at this port. Check the port, and that the camera is switched on.',
      camera_unreachable_no_route: 'There is no route to the camera. Check subnet, VLAN and firewall.',
      camera_unreachable_timeout: 'The camera does not answer. Check address, network and power.',
      camera_unreachable_protocol:
        'Something answers, but not with video. Check the port and how the address begins (rtsp or http).',
      camera_stalled:
        'Pictures stopped or are far behind; it is connected anew. Check the network; the camera may need a restart.',
      camera_codec: 'There is no usable video. Set the camera to H.264 or H.265 (over http: MJPEG).',
      camera_ended: 'The camera ended the video; it is connected anew.',
      source_invalid: 'This source cannot be read. Check the address or the file.',
      config_invalid: 'The credentials file cannot be used. Check its content and rights.',
      credentials_refused:
        'The video address holds a user or password and is not used. Use a credentials file.',
      dependency_missing: 'The worker lacks a program that it needs (ffmpeg). An engineer has to install it.',
      internal:
        'Something unforeseen failed on the worker; trying again. Give the text below to the engineer.',
      disk_full: 'The disk of recordings is full; the oldest go. Free space, or record fewer hours.',
      not_recorded: 'Recordings cannot be written. Check the rights of the recording folder.',
      not_decoded: 'Decoding failed and was started anew. Recording goes on; nothing is analysed meanwhile.',
      not_started: 'The worker could not start this camera; it tries again in 5 s.',
      worker_silent: 'No word of worker {{worker}} since {{since}}.',
      no_worker: 'No worker has taken this camera yet.',
    },
    notification: {
      timeout: 'No answer in time; it may have arrived.',
      connection_lost: 'The connection broke; it may have arrived.',
      stopped: 'The sending process was stopping; it may have arrived.',
      crashed: 'The sending process died; it may have arrived.',
      channel_error: 'The channel program failed; it may not have arrived.',
      no_channel: 'The department has no such channel. Add one in administration, then send again.',
      no_department: 'The department is not configured any more.',
      no_relay: 'No mail relay is set (SMTP_HOST and SMTP_FROM).',
      unknown_channel: 'This kind of channel is not supported.',
      bad_target: "The channel's address is incomplete. Correct it in administration.",
      bad_payload: 'The message is of no known form. Tell the engineer.',
      secret: "The channel's secret file cannot be used. Check its content and rights.",
      too_large: 'The message is too large.',
      not_reached: 'The receiver cannot be reached; nothing was sent.',
      tls: "The receiver's certificate (TLS) is not valid.",
      auth: 'The mail relay refuses the log-in. Check user name and password file.',
      http: 'The receiver answers {{status}} and did not take it.',
      smtp: 'The mail relay answers {{status}} and did not take it.',
      smtp_550: 'The mail relay does not know the recipient (550).',
      smtp_551: 'The mail relay does not know the recipient (551).',
      smtp_553: 'The mail relay does not know the recipient (553).',
      smtp_535: 'The mail relay refuses the log-in (535). Check user name and password file.',
    },
    channel: { webhook: 'webhook', email: 'email', none: 'no channel' },
  },
}
