import { PACK_FILES } from '../../core/pack/manifest.ts'

/** README.txt of a pack, for whoever opens it without our program. Line feeds are CRLF: it is read on any desk. */
export function readmeOf({ no, city, at, by }: { no: string; city: string; at: string; by: string }): string {
  const { manifest, log, changes, proofs, checkpoint, key } = PACK_FILES
  return `智眼 Sharp Eyes 证据包 / evidence pack
${city}   ${no}   ${at}   ${by}

这是什么
  案件 ${no} 的全部证据：图片、视频、现场照片、跟踪记录，以及它们没有被改动的证明。
  ${manifest} 列出每个文件的 SHA-256、时间、摄像机和打码方式；已按保留期删除的文件只留哈希和原因。
  ${log} 是跟踪记录；${changes} 是案件和告警在变更日志中的各条记录。
  ${proofs}、${checkpoint}、${key} 证明这些记录在已签名的日志中，也证明导出的就是这份 ${manifest}。

怎样核对（离线，不需要数据库）
  用本程序：    npx sharp-eyes verify-evidence ${no}.zip
  用可信的公钥：npx sharp-eyes verify-evidence ${no}.zip --key log-key.txt（公钥请向审核员另行索取）
  手工：        解压后 sha256sum ${manifest}，应与案件跟踪记录“导出证据包”一条、打印件页脚的哈希一致；
                再对 ${manifest} 中 files 的每个 path 执行 sha256sum，与同一项的 sha256 对照。

What this is
  All evidence of case ${no}: pictures, films, photos, the follow-up log, and the proof that none of it was changed.
  ${manifest} lists the SHA-256, time, camera and masking of every file; of a file that was deleted by its
  retention only hash and reason are left.
  ${log} is the follow-up log; ${changes} has the entries of the case and its alert in the change log.
  ${proofs}, ${checkpoint} and ${key} prove that these entries are in the signed log, and that this very
  ${manifest} was exported.

How to check it (offline, without a database)
  With our program:    npx sharp-eyes verify-evidence ${no}.zip
  With a key you know: npx sharp-eyes verify-evidence ${no}.zip --key log-key.txt (ask the auditor for the key)
  By hand:             unpack, sha256sum ${manifest}; it is the hash in the case's log ("Evidence exported") and at
                       the foot of its printed sheets. Then sha256sum each path under files in ${manifest} and
                       compare it with the sha256 beside it.

  ${proofs}: inclusion proofs of RFC 6962; a leaf is SHA-256(0x00 || canonical JSON (RFC 8785) of
  {pos, at, topic, key, payload}). ${checkpoint}: C2SP tlog-checkpoint, signed with Ed25519.
`.replaceAll('\n', '\r\n')
}
