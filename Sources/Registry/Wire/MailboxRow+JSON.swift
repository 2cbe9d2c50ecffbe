import Cryptography
import Service

extension MailboxRow {
    func write(to out: inout JSONWriter) {
        out.beginObject()
        out.field("cid", cid)
        out.field("request", token)
        out.field("depositedAt", Timestamp.text(ofMilliseconds: depositedAtMs))
        out.field("declined", isDeclined)
        out.endObject()
    }
}
