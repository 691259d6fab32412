"""What needs a person, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

#: By ``core.attention.Matter``.
MATTERS: Mapping[str, Words] = MappingProxyType(
    {
        "restored": Words("Tạm dừng từ khi khôi phục cơ sở dữ liệu", "Paused since the database was put back"),
        "held": Words("Chờ quyết định", "Held: a person decides"),
        "dead": Words("Không gửi được", "Refused or expired"),
        "failing": Words("Gửi lại nhiều lần vẫn không được", "Tried again and again"),
        "late": Words("Quá lâu chưa gửi được", "Not delivered in time"),
        "files": Words("Chờ tệp chưa lấy được", "Waits for files that cannot be had"),
        "overdue": Words("Quá hạn trả kết quả", "Overdue"),
        "soon": Words("Sắp quá hạn trả kết quả", "About to be overdue"),
        "silent": Words("Đã nhận bản tin nhưng chưa báo trạng thái", "Taken, and never a status"),
        "replay": Words("Đợt gửi lại đã tự dừng vì quá nhiều lượt không gửi được", "A replay that stopped by itself"),
        "proposal": Words("Đề nghị chờ người thứ hai", "Waits for a second person"),
    }
)

#: Why something waits that nobody has refused.
WAITS: Mapping[str, Words] = MappingProxyType(
    {
        "unsent": Words(
            "Chưa đến lượt: hệ thống tạm dừng, ngoài giờ nhận, hoặc quá chậm",
            "Its turn has not come: the system is paused, outside its window, or too slow",
        ),
        "unread": Words("Hệ thống nhận chưa đọc luồng đọc của mình", "The system does not read its feed"),
        "gone": Words(
            "Hệ thống nhận không còn tệp cấu hình: không ai gửi tới đó",
            "The system has no file any more: nobody sends to it",
        ),
    }
)

#: What to do, by ``core.attention.Cause.step``.
STEPS: Mapping[str, Words] = MappingProxyType(
    {
        "restored": Words(
            "Là cổng dịch vụ công: cho gửi tiếp ngay. Là hệ thống khác: cổng dịch vụ công gửi lại xong và đã đối chiếu "
            "danh sách của {system} thì mới cho gửi tiếp: systems resume {system} "
            "(docs/how-to/back-up-and-restore.md).",
            "The portal: at once. Any other: when the portal has handed over again and the list of {system} was "
            "compared, not before: systems resume {system} (docs/how-to/back-up-and-restore.md).",
        ),
        "held": Words(
            "Lượt chưa rõ đã nhận hay chưa: hỏi {system}, rồi kết luận từng lượt bằng judge, hoặc cả loạt theo "
            "danh sách của họ: held settle {system}. Lượt bị từ chối: sửa nguyên nhân, systems resume {system} nếu đã "
            "tạm dừng, rồi gửi lại: held retry, hoặc replay start --system {system} --state held.",
            "What is in doubt: ask {system} whether it has it, then say so one by one with judge, or by its own list: "
            "held settle {system}. What was refused: put the cause right, systems resume {system} if it is paused, "
            "then send it again: held retry, or replay start --system {system} --state held.",
        ),
        "quarantined": Words(
            "Xem vì sao cổng tích hợp dừng những lúc đó (tail, nhật ký của máy). Do mất điện, máy hết bộ nhớ hoặc bị "
            "tắt từ ngoài: hỏi {system} đã có chưa rồi kết luận bằng judge, lượt gửi đi tiếp. Do chính bản tin này: "
            "giữ lại, gửi nhật ký cho bên phát triển.",
            "See why the gateway died at those times (tail, the machine's own log). A power cut, a machine out of "
            "memory, a kill from outside: ask {system} whether it has it, say so with judge, and it goes on. This very "
            "message: leave it held, and send the log to the developers.",
        ),
        "damaged": Words(
            "Cơ sở dữ liệu không đọc được lượt gửi này nữa: kiểm tra đĩa và bản sao lưu. Đọc lại được thì gửi: held "
            "retry. Không thì nhờ nơi gửi lập lại, rồi bỏ qua: held skip.",
            "The database cannot read it any more: check the disk and the backup. Once it can be read, send it: held "
            "retry. Else have its source state it anew, and go on without it: held skip.",
        ),
        "never_given": Words(
            "{system} chưa được gửi hồ sơ này. Nhờ nơi gửi sửa đổi hồ sơ (PUT /v1/dossiers/…): bản sửa đổi được "
            "gửi như hồ sơ mới, lượt gửi này tự đi sau. Không cần nữa thì bỏ qua: held skip.",
            "{system} was never given this dossier. Have its source amend it (PUT /v1/dossiers/…): the amendment goes "
            "as the submission, and this follows by itself. If it is not wanted any more: held skip.",
        ),
        "operators": Words(
            "Khi mã được gắn với hồ sơ, bản tin tự đi tiếp. Không xử lý nữa thì kết thúc: judge --cancelled.",
            "Once its code is bound to a dossier it goes on by itself. To end it: judge --cancelled.",
        ),
        "dead": Words(
            "Xem lời từ chối, rồi sửa (edit), gửi lại nguyên bản (dead retry) hoặc bỏ qua (dead skip). Hồ sơ chưa tới "
            "{system} mà nơi gửi đã sửa đổi: bỏ qua (dead skip) thì bản sửa đổi được gửi như hồ sơ mới.",
            "Read why, then correct it (edit), send it as it is (dead retry) or go on without it (dead skip). Where "
            "its source has amended the dossier since, dead skip lets the amendment go to {system} as the submission.",
        ),
        "failing": Words(
            "Kiểm tra đường truyền, khoá và chứng thư với {system}. Thông rồi thì tự gửi tiếp, không cần thao tác.",
            "Check the line, the credentials and the certificate to {system}. Once it answers, all goes on by itself.",
        ),
        "answers": Words(
            "{system} có trả lời, nhưng không phải lời xác nhận. Xem họ trả lời gì (show), rồi nhờ họ sửa, hoặc sửa "
            "địa chỉ, quy tắc trong systems/{system}.toml. Lượt chưa rõ đã nhận hay chưa vẫn gửi lại như cũ, tới địa "
            "chỉ cũ: hỏi họ rồi kết luận bằng judge.",
            "{system} answers, but not with a yes. See what it says (show), then have it put right there, or correct "
            "the address and the rules in systems/{system}.toml. What is in doubt is sent again as it was, to the old "
            "address: ask them, then say so with judge.",
        ),
        "late": Words(
            "Xem {system} có tạm dừng hoặc ngừng trả lời không. Thông rồi thì tự gửi tiếp, không cần thao tác.",
            "See whether {system} is paused or does not answer. Once it does, all goes on by itself.",
        ),
        "unread": Words(
            "Báo đơn vị vận hành {system}: phần mềm của họ không đọc hoặc không xác nhận luồng đọc.",
            "Tell those who run {system}: their software does not read, or does not acknowledge, its feed.",
        ),
        "gone": Words(
            "Đặt lại tệp systems/{system}.toml rồi config apply; chỉ bỏ tệp khi không còn lượt gửi nào đang mở tới đó.",
            "Put systems/{system}.toml back and config apply; the file may go once nothing is open for the system.",
        ),
        "files": Words(
            "Báo {system}: địa chỉ tệp đã gửi không tải được. Tải được, hoặc hồ sơ được sửa đổi, thì tự đi tiếp.",
            "Tell {system} that the addresses of its files cannot be fetched. Once they can, or it amends the dossier, "
            "all goes on by itself.",
        ),
        "overdue": Words(
            "Đôn đốc {system}; nếu hạn đã được gia hạn thì đề nghị gửi deadline.changed.",
            "Press {system}; if the date was extended, ask them to say so with deadline.changed.",
        ),
        "soon": Words(
            "Đôn đốc {system} trước khi quá hạn.",
            "Press {system} before it is too late.",
        ),
        "silent": Words(
            "Hỏi {system}: bản tin đã nhận nhưng hồ sơ chưa có trạng thái nào.",
            "Ask {system}: it has taken the message and has said nothing of the dossier.",
        ),
        "replay": Words(
            "Xem các lượt không gửi được của đợt, xử lý nguyên nhân, rồi cho chạy tiếp hoặc kết thúc: replay resume, "
            "replay cancel.",
            "See what of it failed and put that right, then let it go on or end it: replay resume, replay cancel.",
        ),
        "proposal": Words(
            "Người khác xem rồi duyệt bằng khoá của mình, hoặc không duyệt: --reject.",
            "Another person looks at it and approves it with their own key, or says no: --reject.",
        ),
    }
)

#: Why the gateway refuses what it is handed, by how far that goes (``core.pressure.Urgency``), and what to do.
PRESSURES: Mapping[str, Words] = MappingProxyType(
    {
        "put_back.4": Words(
            "Cơ sở dữ liệu thiếu những gì cổng đã ghi vào: máy dự phòng chạy sau, hoặc bản sao cũ, đã thay chỗ nó. "
            "Không nhận gì và đã ngừng gửi đi",
            "The database lacks what the gateway had committed to it: a standby that lagged behind, or an earlier "
            "copy, has taken its place. Nothing is taken, and nothing is sent",
        ),
        "put_back.next": Words(
            "Máy chủ còn đủ dữ liệu thì đưa địa chỉ về máy đó: tự chạy tiếp. Không còn thì dừng mọi cổng tích hợp, "
            "chạy db restored (docs/how-to/back-up-and-restore.md), rồi khởi động lại.",
            "Where a server still has all of it, lead the address back there: all goes on by itself. Else stop every "
            "gateway, run db restored (docs/how-to/back-up-and-restore.md), and start them.",
        ),
        "read_only.4": Words(
            "Cơ sở dữ liệu đọc được nhưng không ghi được: không nhận gì và đã ngừng gửi đi",
            "The database can be read, and takes no changes: nothing is taken, and nothing is sent",
        ),
        "read_only.next": Words(
            "Xem lý do ở database_failed của nhật ký (đĩa hỏng hoặc chỉ cho đọc; tệp bị dời, xoá hoặc thay; máy chủ dự "
            "phòng; khoá bảng). Ghi lại được thì tự chạy tiếp, chỉ khởi động lại khi lý do ấy yêu cầu; những gì đã "
            "nhận nằm trong cơ sở dữ liệu cũ, phải giữ lấy.",
            "See why in database_failed of the log (a disk that fails or is read-only, a file that was moved, removed "
            "or replaced, a standby, a locked table). Once it takes changes all goes on by itself, without a restart "
            "where the reason asks for none; what was accepted is in the database as it was: keep that.",
        ),
        "database.3": Words(
            "Đĩa của cơ sở dữ liệu đã đầy: đang từ chối những gì cần thêm chỗ",
            "The database's disk is full: what needs room is refused",
        ),
        "database.next": Words(
            "Giải phóng hoặc mở rộng đĩa của máy chủ cơ sở dữ liệu. Có chỗ thì tự nhận lại, không cần khởi động lại; "
            "những gì đã nhận vẫn an toàn.",
            "Free or enlarge the disk of the database's server. With room it takes everything again by itself, without "
            "a restart; what was accepted is safe.",
        ),
        "space.1": Words(
            "Đĩa sắp đầy: đang từ chối hồ sơ mới và tệp của cổng dịch vụ công",
            "The disk is nearly full: new dossiers and the portal's files are refused",
        ),
        "space.2": Words(
            "Đĩa sắp đầy: đang từ chối mọi tin của cổng dịch vụ công",
            "The disk is nearly full: whatever the portal says is refused",
        ),
        "space.3": Words(
            "Đĩa sắp đầy: đang từ chối cả tin báo về của các hệ thống",
            "The disk is nearly full: what systems say of their work is refused, too",
        ),
        "space.4": Words(
            "Đĩa đã đầy: không nhận gì và đã ngừng gửi đi",
            "The disk is full: nothing is taken, and nothing is sent",
        ),
        "space.next": Words(
            "Giải phóng hoặc mở rộng đĩa chứa thư mục dữ liệu (store.reserve là mức giữ lại). Có chỗ thì tự nhận lại, "
            "không cần khởi động lại; những gì đã nhận vẫn an toàn.",
            "Free or enlarge the disk of the data folder (store.reserve is what is kept). With room it takes "
            "everything again by itself, without a restart; what was accepted is safe.",
        ),
        "files.0": Words(
            "Tệp đính kèm không ghi hoặc không đọc được («{said}»): đang từ chối tệp tải lên, hồ sơ có tệp phải chờ",
            "Attachments cannot be written or read («{said}»): uploads are refused, and dossiers with files wait",
        ),
        "files.next": Words(
            "Kiểm tra nơi lưu tệp (store.s3 hoặc store.attachments): máy chủ, mạng, khoá (InvalidAccessKeyId: "
            "store.s3.access_key; SignatureDoesNotMatch: store.s3.secret_key; AccessDenied: khoá thiếu quyền). "
            "Dùng lại được thì tự chạy tiếp; chỉ khi đổi khoá mới phải khởi động lại.",
            "See to what keeps the files (store.s3 or store.attachments): its server, the network, the keys "
            "(InvalidAccessKeyId: store.s3.access_key; SignatureDoesNotMatch: store.s3.secret_key; AccessDenied: a "
            "right that the key lacks). All goes on by itself once it works; only new keys need a restart.",
        ),
        "backlog.1": Words(
            "Tồn đọng tới {system} quá giới hạn: đang từ chối hồ sơ mới chỉ đi tới đó",
            "Too much waits for {system}: new dossiers that go nowhere else are refused",
        ),
        "backlog.2": Words(
            "Tồn đọng tới {system} quá giới hạn: đang từ chối mọi tin của cổng dịch vụ công chỉ đi tới đó",
            "Too much waits for {system}: whatever the portal says that goes nowhere else is refused",
        ),
        "backlog.3": Words(
            "Tồn đọng tới {system} quá giới hạn: đang từ chối mọi tin chỉ đi tới đó",
            "Too much waits for {system}: whatever goes nowhere else is refused",
        ),
        "backlog.next": Words(
            "Xem vì sao {system} không nhận: systems. Giới hạn là limits.backlog trong tệp của hệ thống.",
            "See why {system} takes nothing: systems. The limit is limits.backlog in its file.",
        ),
    }
)
