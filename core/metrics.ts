/**
 * Every metric of the program: what it means, its labels, its buckets. Names are without the prefix `sharp_eyes_`; a
 * counter ends in `_total`, a time is in seconds, a size in bytes. A test holds the code, the dashboards and the alerting
 * rules of deploy/ to this table.
 */
export interface MetricFacts {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds; histograms only. */
  readonly buckets?: readonly number[]
}

/** Of a call: from a few milliseconds to a minute. */
const CALL = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** Of a way with people at its end: fine around the two seconds that are promised, and up to an outage. */
const LATENCY = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 1_800, 7_200]
/** Of what takes encodes and queues: fine around the minute that is promised. */
const SLOW = [0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 300, 900]

const counter = (help: string, ...labels: readonly string[]): MetricFacts => ({
  kind: 'counter',
  help,
  labels,
})
const gauge = (help: string, ...labels: readonly string[]): MetricFacts => ({ kind: 'gauge', help, labels })
const histogram = (help: string, buckets: readonly number[], ...labels: readonly string[]): MetricFacts => ({
  kind: 'histogram',
  help,
  labels,
  buckets,
})

export const METRICS = {
  // ---- the way of a hazard ----
  capture_to_alert_seconds: histogram(
    'From the picture (or reading) that decided it to its alert in the database',
    LATENCY,
    'source',
  ),
  alert_to_notification_seconds: histogram(
    'From the alert in the database to its first notification taken by the channel, of alerts that are told at once',
    LATENCY,
    'channel',
  ),
  notification_wait_seconds: histogram(
    'From queueing a notification to the channel taking it, retries included',
    LATENCY,
    'channel',
  ),

  // ---- cameras ----
  cameras_configured: gauge('Cameras of the city; the same number at every process with a database'),
  cameras_covered: gauge(
    'Cameras that a worker holds and that send pictures; the same number at every process with a database',
  ),
  cameras_held: gauge('Cameras whose lease this worker has'),
  camera_online: gauge('1: pictures come', 'camera'),
  camera_last_frame_age_seconds: gauge(
    'Age of the newest picture that arrived; a camera that never sent one is absent',
    'camera',
  ),
  camera_bytes_total: counter('Bytes of video that arrived', 'camera'),
  camera_fragments_total: counter('Fragments (pictures) that arrived', 'camera'),
  camera_failures_total: counter('Connections that ended, by their cause', 'camera', 'code'),
  camera_starts_failed_total: counter('Cameras that a worker holds and could not start', 'camera', 'code'),
  hub_gop_overflows_total: counter('Groups of pictures too long to be kept for readers that join', 'camera'),
  hub_readers_failed_total: counter('Readers of a camera that failed and were let go', 'camera'),
  ring_bytes: gauge('Size of the recordings on disk', 'camera'),
  ring_pinned_bytes: gauge(
    'Recordings that are kept for clips and holds; a full disk does not get them back',
  ),
  ring_dropped_total: counter('Fragments that were not recorded', 'camera', 'why'),
  ring_files_removed_total: counter('Recordings removed: too old, or the disk was full', 'camera'),
  ring_leftovers_removed_total: counter('Recordings removed of cameras that went to another worker'),
  decoder_frames_total: counter('Pictures that were decoded and handed on', 'camera'),
  decoder_dropped_total: counter('Pictures that were not analysed', 'camera', 'why'),
  decoder_restarts_total: counter('Decoders that were started anew', 'camera'),
  decoder_full_attention: gauge('1: every picture is decoded, 0: key frames alone', 'camera'),
  media_processes_started_total: counter('ffmpeg and ffprobe processes started', 'tool'),
  media_processes_killed_total: counter(
    'ffmpeg and ffprobe processes that did not end by themselves',
    'tool',
  ),

  // ---- analysis ----
  frame_seconds: histogram('From capture to the end of the analysis of a picture', LATENCY, 'camera'),
  frame_failures_total: counter('Pictures that could not be analysed', 'camera'),
  detector_failures_total: counter('Failures of the model on a picture of a camera', 'camera', 'code'),
  inference_seconds: histogram('Time of the model for one picture', CALL, 'model'),
  inference_frames_total: counter('Pictures asked of the model, by what became of them', 'model', 'result'),
  inference_waiting: gauge('Pictures that wait for the model', 'model'),
  second_looks_total: counter(
    'Second looks of the model at a part of a picture, by what became of them',
    'camera',
    'result',
  ),
  full_cuts_total: counter(
    'Parts of key frames in full resolution asked for second looks, by what became of them',
    'camera',
    'result',
  ),
  inference_workers: gauge('Threads with the model loaded', 'model'),
  inference_worker_restarts_total: counter('Threads of the model that were lost', 'model'),
  event_changes_total: counter('Changes of events that the rules decided', 'kind', 'type'),

  // ---- track log ----
  track_log_bytes: gauge('Size of the closed files of the track log', 'camera'),
  track_log_dropped_total: counter(
    'Pictures that were analysed and are not in the track log',
    'camera',
    'why',
  ),
  track_log_files_removed_total: counter('Files of the track log removed', 'camera', 'why'),
  track_log_unread_total: counter('Lines or files of the track log that could not be read', 'camera'),
  track_log_leftovers_removed_total: counter(
    'Files of the track log removed of cameras that went to another worker',
  ),

  // ---- events on their way ----
  events_published_total: counter('Changes of events handed to the spool', 'type', 'kind'),
  events_refused_total: counter('Changes of events that the spool refused', 'kind', 'code'),
  events_resent_total: counter('Open events sent again'),
  events_lost_total: counter('Open events that nobody reports any more'),
  spool_records: gauge('Events that wait on this worker’s disk'),
  spool_bytes: gauge('Size of what waits'),
  spool_oldest_seconds: gauge('Age of the oldest that waits; 0: nothing waits'),
  spool_full: gauge('1: the spool refuses updates, or its disk is full, or it has failed'),
  spool_appended_total: counter('Events written to the spool', 'kind'),
  spool_refused_total: counter('Events that the spool refused', 'kind', 'code'),
  spool_superseded_total: counter('Waiting updates replaced by later ones of the same event'),
  spool_readings_records: gauge('Messages of readings that wait on this worker’s disk'),
  spool_readings_bytes: gauge('Size of the readings that wait'),
  spool_readings_oldest_seconds: gauge('Age of the oldest readings that wait; 0: nothing waits'),
  spool_readings_full: gauge('1: the spool takes no readings'),
  spool_readings_appended_total: counter('Messages of readings written to the spool'),
  spool_readings_repeated_total: counter('Messages of readings that waited already'),
  spool_readings_refused_total: counter('Messages of readings that the spool refused', 'code'),
  spool_send_seconds: histogram('Handing on one batch', CALL, 'what'),
  spool_sent_total: counter('Messages handed on', 'what'),
  spool_send_failures_total: counter('Batches that could not be handed on', 'what'),
  transport_direct: gauge('1: events go directly, because Kafka is away'),
  transport_sent_total: counter('Messages sent, by way', 'way'),
  transport_failures_total: counter('Batches that a way did not take', 'way'),
  transport_probes_failed_total: counter('Questions to Kafka whether it is back, unanswered'),
  transport_switches_total: counter('Changes of the way', 'to'),
  worker_clock_skew_seconds: gauge('Clock of the pages’ server minus this worker’s'),

  // ---- bus ----
  bus_produced_total: counter('Records that the broker acknowledged', 'topic'),
  bus_produce_failures_total: counter('Calls that the broker did not acknowledge'),
  bus_consumed_total: counter('Records read and settled', 'topic'),
  bus_consumer_lag_messages: gauge('Records that nobody has read yet', 'topic', 'partition'),
  bus_consumer_lag_seconds: gauge('How long ago the last record that is read was written', 'topic'),
  bus_consumer_partitions: gauge('Partitions that this process reads', 'topic'),
  bus_consumer_joins_total: counter('Times that this process joined its group', 'topic'),
  bus_consumer_restarts_total: counter('Consumers that were started anew', 'topic', 'reason'),
  bus_consumer_waits_total: counter('Batches that waited for the database', 'topic'),
  bus_dead_letters_unsent_total: counter(
    'Dead letters that are in the database and not in their topic',
    'topic',
  ),

  // ---- alerting ----
  inbox_messages_total: counter('Messages of events, by what became of them', 'outcome'),
  inbox_batch_seconds: histogram('Commit of one batch of events', CALL),
  inbox_retries_total: counter('Batches tried again after a deadlock or a lost race'),
  inbox_deleted_total: counter('Rows of received messages that were deleted by age'),
  dead_letters_total: counter('Messages that can never be applied', 'topic'),
  dead_letters_replayed_total: counter('Dead letters given to the inbox again', 'topic', 'outcome'),
  alerts_opened_total: counter('Alerts opened', 'type', 'severity'),
  alerts_agreed_total: counter('Alerts of cameras and sensors that agree: their severity was raised'),
  verdicts_total: counter('Alerts judged by people', 'verdict'),
  cases_filed_total: counter('Cases filed', 'type', 'severity'),
  case_commands_total: counter('Moves of cases', 'kind'),
  case_clock_total: counter('Reminders, overdue marks and reviews of cases', 'clock', 'action'),
  jobs_done_total: counter('Jobs done', 'queue'),
  jobs_failed_total: counter('Jobs that failed and come again', 'queue'),
  jobs_errors_total: counter('Errors of the job queue itself'),
  changes_lag_seconds: gauge(
    'Age of the oldest change without a position; 0: none waits, or another process gives them',
  ),
  changes_position_seconds: histogram('From writing a change to its position', CALL),
  changes_positioned_total: counter('Changes that got their position'),
  changes_publish_lag_seconds: gauge(
    'Age of the oldest change that is not on the bus; 0: none waits, or another process publishes',
  ),
  changes_published_total: counter('Changes that the broker acknowledged, copies included', 'topic'),
  changes_publish_failures_total: counter('Batches of changes that were not acknowledged'),
  changes_publish_gaps_total: counter('Times that changes were deleted before they were published'),

  // ---- notifications ----
  notification_attempts_total: counter('Calls of channels, by what became of them', 'channel', 'result'),
  notification_call_seconds: histogram('One call of a channel', CALL, 'channel'),
  notifications_dead_total: counter('Notifications given up', 'channel', 'department'),
  notifications_unreachable_total: counter(
    'Notifications for a department that nothing reaches',
    'department',
  ),

  // ---- evidence ----
  still_seconds: histogram('From asking for the picture of an event to having it', CALL),
  still_failures_total: counter('Pictures of events that could not be had'),
  stills_late_total: counter('Pictures of events that came after their event was sent'),
  evidence_still_seconds: histogram('Finding and decoding a picture in the recordings', CALL, 'camera'),
  recordings_failed_total: counter('Questions to a worker for its recordings without an answer'),
  recordings_kept_total: counter('Ranges of recordings kept as evidence'),
  recording_parts: gauge('Parts of recordings on their way to browsers'),
  recording_bytes_total: counter('Bytes of recordings sent to browsers'),
  evidence_pin_failures_total: counter(
    'Recordings of an open event that could not be kept from removal',
    'camera',
  ),
  picture_seconds: histogram('Making a still or a clip at the worker', SLOW, 'kind'),
  picture_wait_seconds: histogram('From when a still or clip could be made to having it', SLOW, 'kind'),
  picture_failures_total: counter('Tries to make a still or clip that failed', 'kind'),
  pictures_failed_total: counter('Stills and clips that can never be made', 'kind'),
  pictures_ignored_total: counter('Stills and clips that came for a task settled otherwise'),
  pins_removed_total: counter('Recordings kept for events that nobody needs any more'),
  evidence_deleted_total: counter('Evidence deleted by age'),
  holds_placed_total: counter('Holds of evidence', 'owner'),
  packs_exported_total: counter('Export packs of cases'),
  evidence_orphans_total: counter('Files without a row that were collected'),
  evidence_damaged_total: counter('Objects whose bytes are not those of their name'),
  evidence_s3_retries_total: counter('Calls of the object store tried again', 'call'),
  evidence_uploads_waiting: gauge('Pictures on their way to the pages’ server'),
  evidence_upload_retries_total: counter('Pictures sent again', 'code'),
  evidence_uploads_refused_total: counter('Pictures refused because too many waited'),

  // ---- sensors ----
  sensors: gauge('Sensors by what is known of them; the same number at every alerting process', 'state'),
  mqtt_connected: gauge('1: connected to the broker'),
  mqtt_reconnects_total: counter('Connections to the broker that were made again'),
  mqtt_session_lost_total: counter('Sessions that the broker forgot, with what it kept'),
  mqtt_subscription_refused_total: counter('Topics that the broker does not let us read'),
  mqtt_messages_total: counter('Messages of the broker, by what they are', 'kind'),
  mqtt_retained_ignored_total: counter('Retained messages without a time of their own'),
  mqtt_readings_total: counter('Readings in messages of the broker'),
  mqtt_pending: gauge('Messages that are not acknowledged yet'),
  mqtt_refused_total: counter('Messages that were not acknowledged because they could not be kept', 'code'),
  mqtt_lost_total: counter('Messages without acknowledgement (QoS 0) that could not be kept'),
  hj212_connections: gauge('Devices that are connected'),
  hj212_packets_total: counter('Packets stored and answered', 'cn'),
  hj212_answers_total: counter('Answers sent to devices'),
  hj212_refused_total: counter('Packets neither stored nor answered', 'why'),
  hj212_ignored_total: counter('Packets of commands that carry no reading', 'cn'),
  hj212_odd_total: counter('Departures from the standard that were read all the same', 'what'),
  hj212_fields_ignored_total: counter('Fields that are no reading'),
  hj212_not_stored_total: counter('Packets that could not be kept', 'sent_again'),
  hj212_unstored: gauge('Packets that are not stored yet'),
  hj212_store_seconds: histogram('Storing a batch of packets', CALL),
  hj212_closed_total: counter('Connections closed from here', 'why'),
  sensor_rejected_total: counter('Readings that are no reading', 'why'),
  sensor_clock_skew_total: counter('Readings whose time is far from now'),
  readings_messages_total: counter('Messages of readings, by what became of them', 'outcome'),
  readings_batch_seconds: histogram('Commit of one batch of readings', CALL),
  readings_total: counter('Readings, by what became of them', 'outcome'),
  readings_unjudged_total: counter('Readings that no limit can judge', 'why'),
  readings_retries_total: counter('Batches of readings tried again'),
  reading_marks_total: counter('Marks on readings', 'by'),
  exceedances_withdrawn_total: counter('Exceedances taken back because a later mark excludes their readings'),

  // ---- history ----
  history_rollup_lag_seconds: gauge('How far a rollup is behind', 'rollup'),
  history_recounted_total: counter('Buckets of a rollup counted again because rows came late', 'rollup'),
  history_late_rows: gauge('Late rows that wait to be counted', 'rollup'),
  history_late_ignored_total: counter('Rows that came later than raw rows are kept', 'rollup'),
  history_stray_rows: gauge('Rows outside every day partition that came in the last 24 hours', 'table'),
  history_failing_jobs: gauge('Jobs of TimescaleDB that fail'),
  history_stuck_jobs_run_total: counter('Jobs of TimescaleDB that were run from here', 'job'),
  history_maintenance_failures_total: counter('Parts of the maintenance that failed', 'part'),

  // ---- pages ----
  http_request_seconds: histogram('Answering a request', CALL, 'route', 'status'),
  log_ins_failed_total: counter('Log-ins that failed'),
  stream_clients: gauge('Pages that follow the changes'),
  stream_clients_cut_total: counter('Pages cut off', 'reason'),
  stream_changes_read_total: counter('Changes read for the pages'),
  live_viewers: gauge('Live views at the pages’ server'),
  live_viewers_cut_total: counter('Live views cut off', 'reason'),
  live_viewers_failed_total: counter('Live views that failed'),
  live_fragments_dropped_total: counter('Fragments not sent to a slow live view'),
  live_boxes_dropped_total: counter('Analysed pictures whose boxes were not sent to a slow live view'),
  live_upstreams: gauge('Workers’ cameras that the pages’ server shows'),
  live_upstream_failures_total: counter('Connections to a worker’s live view that failed'),
  live_stills_failed_total: counter('Pictures for the pages that a worker did not give'),
  live_lines: gauge('Live views at this worker'),
  live_transcodes: gauge(
    'Cameras whose picture this worker turns into MPEG-1 for browsers that cannot play their codec',
  ),
  live_transcode_cores: gauge(
    'Processor cores that these take together; absent where the system does not tell',
  ),
  live_transcodes_refused_total: counter('MPEG-1 views refused: the worker makes as many as it may'),
  live_transcode_restarts_total: counter('MPEG-1 encoders that ended or hung and were replaced'),
  live_stills_refused_total: counter('Pictures refused because too many were being made'),
  worker_api_seconds: histogram('Answering a worker', CALL, 'call', 'status'),
  worker_api_failures_total: counter('Workers’ calls that were refused or failed', 'code'),
  worker_messages_total: counter('Messages that workers handed over directly'),
  worker_evidence_bytes_total: counter('Bytes of evidence that workers handed over'),

  // ---- these figures themselves ----
  traces_sent_total: counter('Spans that the receiver took'),
  traces_unsent_total: counter(
    'Spans that are gone: the receiver refused them or was away, or too many waited',
    'why',
  ),
  metrics_refused_total: counter(
    'Values that were no number, or a counter that went back: a fault of the program',
    'name',
  ),
} as const satisfies Record<string, MetricFacts>

/** What the table says of a name, and null where it does not know it. */
export const metricFacts = (name: string): MetricFacts | null =>
  Object.hasOwn(METRICS, name) ? METRICS[name as keyof typeof METRICS] : null
