"""Why the SOAP door does not believe a message; whoever forges learns no more than this."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model.texts.words import Words

SECURITY_REFUSALS: Mapping[str, Words] = MappingProxyType(
    {
        "security.missing": Words("Thiếu phần tử WS-Security", "WS-Security is incomplete"),
        "security.missing.detail": Words(
            "Bản tin thiếu {place}. Gửi một header Security với Timestamp, chữ ký hoặc UsernameToken đã thoả thuận.",
            "The message lacks {place}. Send one Security header with the Timestamp, and the signature or the"
            " UsernameToken, that were agreed.",
        ),
        "security.repeated": Words("Phần tử WS-Security lặp lại", "WS-Security is there twice"),
        "security.repeated.detail": Words(
            "{place} chỉ được có một, và mỗi Id trong bản tin phải khác nhau.",
            "There may be only one {place}, and every Id of the message must be its own.",
        ),
        "security.malformed": Words("WS-Security không đọc được", "WS-Security cannot be read"),
        "security.malformed.detail": Words(
            "{place} không đúng cấu trúc của WS-Security 1.1. Sửa phần mềm gửi.",
            "{place} is not built as WS-Security 1.1 builds it. Correct the sending software.",
        ),
        "security.unsigned": Words("Chữ ký không bao trùm bản tin", "The signature does not cover the message"),
        "security.unsigned.detail": Words(
            "Phải ký cả Body và Timestamp, và không ký gì ngoài header và Body.",
            "Sign both Body and Timestamp, and nothing that is neither a header nor the Body.",
        ),
        "security.algorithm": Words("Thuật toán không được phép", "Algorithm not allowed"),
        "security.algorithm.detail": Words(
            "{place}: chỉ dùng exclusive c14n, một transform, và thuật toán đã thoả thuận (không SHA-1).",
            "{place}: use exclusive c14n, one transform, and the algorithms that were agreed (not SHA-1).",
        ),
        "security.unknown_key": Words("Chứng thư chưa được đăng ký", "Certificate not registered"),
        "security.unknown_key.detail": Words(
            "Chứng thư dùng để ký hoặc mã hoá không phải chứng thư đã đăng ký với cổng tích hợp. "
            "Liên hệ người vận hành.",
            "The certificate that the message was signed or encrypted with is not registered here. Ask the operator.",
        ),
        "security.certificate": Words("Chứng thư không còn hiệu lực", "The certificate is not valid"),
        "security.certificate.detail": Words(
            "Chứng thư đã hết hạn hoặc chưa có hiệu lực. Ký bằng chứng thư mới đã đăng ký.",
            "The certificate has ended or has not begun. Sign with the next one, which must be registered.",
        ),
        "security.signature": Words("Chữ ký không khớp", "The signature does not fit"),
        "security.signature.detail": Words(
            "Nội dung đã thay đổi sau khi ký, hoặc ký bằng khoá khác. Ký lại và không sửa XML sau khi ký.",
            "The content was changed after it was signed, or signed with another key. Sign it again, and leave the XML"
            " as it is.",
        ),
        "security.expired": Words("Bản tin đã hết hạn", "The message has expired"),
        "security.expired.detail": Words(
            "Thời điểm trong {place} đã quá cũ. Kiểm tra đồng hồ, tạo Timestamp và chữ ký mới cho mỗi lần gửi.",
            "The time in {place} is too old. Check the clock; write a new Timestamp and signature for each call.",
        ),
        "security.early": Words("Thời điểm ở tương lai", "The message is from the future"),
        "security.early.detail": Words(
            "Thời điểm trong {place} ở tương lai. Chỉnh đồng hồ máy gửi.",
            "The time in {place} is in the future. Set the sender's clock.",
        ),
        "security.credentials": Words("Sai tên hoặc mật khẩu", "Wrong name or password"),
        "security.credentials.detail": Words(
            "UsernameToken không đúng. Kiểm tra tên, mật khẩu và cách tính PasswordDigest.",
            "The UsernameToken is wrong. Check name, password and how PasswordDigest is computed.",
        ),
        "security.undecryptable": Words("Không giải mã được", "Cannot be decrypted"),
        "security.undecryptable.detail": Words(
            "Mã hoá bằng chứng thư hiện hành của cổng tích hợp (RSA-OAEP, AES-GCM), hoặc không mã hoá. "
            "Với CBC, chữ ký sai cũng được trả lời như vậy.",
            "Encrypt with the gateway's present certificate (RSA-OAEP, AES-GCM), or not at all. "
            "With CBC a wrong signature is answered so, too.",
        ),
        "security.replayed": Words("Bản tin đã được dùng", "The message was used before"),
        "security.replayed.detail": Words(
            "Chữ ký hoặc nonce này đã được dùng. Tạo Timestamp, nonce và chữ ký mới rồi gửi lại.",
            "This signature or nonce was used before. Write a new Timestamp, nonce and signature, and send it again.",
        ),
    }
)
