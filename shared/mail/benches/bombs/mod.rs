//! Mails that are made to cost time or memory, up to 40 MB each. The tests look where each ends, the
//! bench how long it takes.

/// One bomb.
pub(crate) struct Bomb {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// The limit at which it ends, or "read".
    pub(crate) ends: &'static str,
}

const SIZE: usize = 40 * 1024 * 1024;
const FROM: &str = "From: a@b.example\r\n";
const MIXED: &str = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n";

fn filled(head: &str, piece: &str) -> Vec<u8> {
    let mut bytes = head.as_bytes().to_vec();
    let times = (SIZE - bytes.len()) / piece.len();
    bytes.extend(piece.as_bytes().repeat(times));
    bytes
}

fn text(head: &str, piece: &str, times: usize, tail: &str) -> Vec<u8> {
    format!("{head}{}{tail}", piece.repeat(times)).into_bytes()
}

/// Every kind.
pub(crate) fn all() -> Vec<Bomb> {
    let bomb = |name, bytes, ends| Bomb { name, bytes, ends };
    let deep: String = (0..100_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}q\r\n\r\n--b{n}q\r\n"))
        .collect();
    let pieces: String = (0..4_000)
        .map(|n| format!("; name*{n}=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""))
        .collect();
    let part = "--x\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\n";
    vec![
        bomb("one endless header", filled("From: a@b.example\r\nX: ", "a"), "header_bytes"),
        bomb("headers without end", filled(FROM, "X: a\r\n"), "header_lines"),
        bomb("parts without end", filled(MIXED, "--x\r\n\r\na\r\n"), "parts"),
        bomb("containers without boundaries", filled(MIXED, part), "parts"),
        bomb("containers within containers", format!("{FROM}{deep}").into_bytes(), "depth"),
        bomb(
            "parameters in pieces",
            format!("{FROM}Content-Type: a/b{pieces}\r\n\r\n").into_bytes(),
            "parameters",
        ),
        bomb(
            "addresses",
            text("From: a@b.example\r\nTo: x@y.example", ",x@y.example", 20_000, "\r\n\r\n"),
            "addresses",
        ),
        bomb("nested comments", text("From: ", "(", 250_000, "\r\n\r\n"), "read"),
        bomb(
            "unfinished encoded words",
            text("From: a@b.example\r\nTo: ", "=?abcd?q?x ", 20_000, "\r\n\r\n"),
            "encoded_words",
        ),
        bomb(
            "references",
            text("From: a@b.example\r\nReferences:", " <a@b>", 40_000, "\r\n\r\n"),
            "references",
        ),
        bomb("lines that look like boundaries", filled(MIXED, "\n--"), "dash_lines"),
        bomb("empty lines", filled(MIXED, "\n"), "read"),
        bomb(
            "quoted-printable",
            filled(
                "From: a@b.example\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
                "=\r\n",
            ),
            "read",
        ),
        bomb(
            "base64",
            filled("From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n", "ICAg\r\n"),
            "read",
        ),
        bomb(
            "open tags",
            filled("From: a@b.example\r\nContent-Type: text/html\r\n\r\n", "<div>"),
            "read",
        ),
        bomb(
            "open quotations",
            filled("From: a@b.example\r\nContent-Type: text/html\r\n\r\n", "<blockquote>a"),
            "read",
        ),
        bomb("attributions", filled("From: a@b.example\r\n\r\n", "El 20 \n"), "read"),
        bomb("over the size", vec![b'a'; SIZE + 1], "mail_bytes"),
    ]
}
