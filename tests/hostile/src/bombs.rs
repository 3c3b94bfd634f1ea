//! Mails that are made to cost time or memory, up to 40 MB each. The tests look where each ends and how
//! much memory it takes, the bench how long.

/// One bomb. It is made when it is asked for: together they would take a gigabyte.
#[derive(Debug, Clone, Copy)]
pub struct Bomb {
    /// What it is made of.
    pub name: &'static str,
    /// The limit at which it ends, or "read".
    pub ends: &'static str,
    /// Makes it.
    pub made: fn() -> Vec<u8>,
}

/// What the mail service delivers at most.
const SIZE: usize = 40 * 1024 * 1024;
/// What a header section of a mail holds at most, and somewhat less.
const HEADERS: usize = 250 * 1024;
/// Text that is read whole, and somewhat less.
const TEXT: usize = 500 * 1024;
const FROM: &str = "From: a@b.example\r\n";
const MIXED: &str = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n";
const ALTERNATIVE: &str =
    "From: a@b.example\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n";

/// `head`, and then `piece` up to so many bytes.
fn filled(head: &str, piece: &str, bytes_max: usize) -> Vec<u8> {
    let times = bytes_max.saturating_sub(head.len()) / piece.len();
    [head.as_bytes(), &piece.as_bytes().repeat(times)].concat()
}

/// A mail whose one part says this of itself and holds `piece` again and again.
fn of_type(headers: &str, piece: &str, bytes_max: usize) -> Vec<u8> {
    filled(&format!("{FROM}{headers}\r\n\r\n"), piece, bytes_max)
}

fn text(head: &str, piece: &str, times: usize, tail: &str) -> Vec<u8> {
    format!("{head}{}{tail}", piece.repeat(times)).into_bytes()
}

/// A part with these headers, filled with `piece` so that `parts` of them make a whole mail.
fn parts(head: &str, parts: usize, headers: &str, piece: &str) -> Vec<u8> {
    let room = (SIZE - head.len()) / parts;
    let part = filled(&format!("--x\r\n{headers}\r\n\r\n"), piece, room - 2);
    let part = [part.as_slice(), b"\r\n"].concat();
    [head.as_bytes(), &part.repeat(parts)].concat()
}

const fn bomb(name: &'static str, ends: &'static str, made: fn() -> Vec<u8>) -> Bomb {
    Bomb { name, ends, made }
}

/// In the headers.
pub const IN_HEADERS: [Bomb; 12] = [
    bomb("one endless header", "header_bytes", || filled("From: a@b.example\r\nX: ", "a", SIZE)),
    bomb("headers without end", "header_lines", || filled(FROM, "X: a\r\n", SIZE)),
    bomb("folded lines without end", "header_lines", || filled("From: a\r\n", " a\r\n", SIZE)),
    bomb("parameters in pieces", "parameters", || {
        let piece = |n| format!("; name*{n}=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"");
        let pieces: String = (0..4_000).map(piece).collect();
        format!("{FROM}Content-Type: a/b{pieces}\r\n\r\n").into_bytes()
    }),
    bomb("a hundred long parameters in pieces", "read", || {
        let long = "%61".repeat(HEADERS / 300);
        let pieces: String = (0..99).map(|n| format!("; name*{n}*=utf-8''{long}")).collect();
        format!("{FROM}Content-Type: text/plain{pieces}\r\n\r\n").into_bytes()
    }),
    bomb("encoded words in an encoded parameter", "read", || {
        let head = "From: a@b.example\r\nContent-Type: a/b; name*=utf-8''";
        text(head, "%3D%3Fab%3Fq%3Fx ".trim_end(), HEADERS / 16, "\r\n\r\n")
    }),
    bomb("addresses", "addresses", || {
        text("From: a@b.example\r\nTo: x@y.example", ",x@y.example", 20_000, "\r\n\r\n")
    }),
    bomb("nested comments", "read", || text("From: ", "(", HEADERS, "\r\n\r\n")),
    bomb("unfinished encoded words", "encoded_words", || {
        text("From: a@b.example\r\nTo: ", "=?abcd?q?x ", 20_000, "\r\n\r\n")
    }),
    bomb("encoded words up to the limit", "read", || {
        text("From: a@b.example\r\nSubject: ", "=?abcd?q?x ", 700, "\r\n\r\n")
    }),
    bomb("references", "references", || {
        text("From: a@b.example\r\nReferences:", " <a@b>", 40_000, "\r\n\r\n")
    }),
    bomb("results of checks", "read", || {
        let head = "Authentication-Results: amazonses.com;";
        text(head, " dkim=pass header.d=b.example;", HEADERS / 32, "\r\nFrom: a@b.example\r\n\r\n")
    }),
];

/// In the tree of parts.
pub const IN_PARTS: [Bomb; 8] = [
    bomb("parts without end", "parts", || filled(MIXED, "--x\r\n\r\na\r\n", SIZE)),
    bomb("containers without boundaries", "parts", || {
        filled(MIXED, "--x\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\n", SIZE)
    }),
    bomb("containers within containers", "depth", || {
        let level = |n| format!("Content-Type: multipart/mixed; boundary=b{n}q\r\n\r\n--b{n}q\r\n");
        let deep: String = (0..100_000).map(level).collect();
        format!("{FROM}{deep}").into_bytes()
    }),
    bomb("lines that look like boundaries", "dash_lines", || filled(MIXED, "\n--", SIZE)),
    bomb("lines that nearly are boundaries", "dash_lines", || {
        let long = "b".repeat(10_000);
        let level =
            |n| format!("Content-Type: multipart/mixed; boundary={long}{n}\r\n\r\n--{long}{n}\r\n");
        let nested: String = (0..19).map(level).collect();
        filled(&format!("{FROM}{nested}\r\n"), &format!("--{long}x\r\n"), SIZE)
    }),
    bomb("empty lines", "read", || filled(MIXED, "\n", SIZE)),
    bomb("alternatives that say nothing", "read", || {
        let headers = "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable";
        parts(ALTERNATIVE, 199, headers, "=20=20=20=20\r\n")
    }),
    bomb("pages that hold no text", "read", || {
        parts(MIXED, 190, "Content-Type: text/html", "<div><div>")
    }),
];

/// In the text.
pub const IN_TEXT: [Bomb; 15] = [
    bomb("quoted-printable", "read", || {
        of_type("Content-Transfer-Encoding: quoted-printable", "=\r\n", SIZE)
    }),
    bomb("base64", "read", || of_type("Content-Transfer-Encoding: base64", "ICAg\r\n", SIZE)),
    bomb("base64 on one line", "read", || {
        of_type("Content-Transfer-Encoding: base64", "YWJj", SIZE)
    }),
    bomb("open tags", "read", || of_type("Content-Type: text/html", "<div>", SIZE)),
    bomb("open quotations", "read", || of_type("Content-Type: text/html", "<blockquote>a", SIZE)),
    bomb("open comments", "read", || of_type("Content-Type: text/html", "<!--", SIZE)),
    bomb("entities", "read", || of_type("Content-Type: text/html", "&amp;&#x110000;", SIZE)),
    bomb("text in Chinese", "read", || {
        of_type("Content-Type: text/plain; charset=gb18030", "\u{4f60}", SIZE)
    }),
    bomb("text that shifts its alphabet", "read", || {
        of_type("Content-Type: text/plain; charset=iso-2022-jp", "\x1b$B!!\x1b(B", SIZE)
    }),
    bomb("text in seven bits", "read", || {
        of_type("Content-Type: text/plain; charset=utf-7", "+AGE-", SIZE)
    }),
    bomb("one endless line", "read", || filled("From: a@b.example\r\n\r\n", "El 20 ", SIZE)),
    bomb("attributions", "read", || filled("From: a@b.example\r\n\r\n", "El 20 \n", SIZE)),
    bomb("signatures", "read", || filled("From: a@b.example\r\n\r\n", "--\n", TEXT)),
    bomb("short lines", "read", || filled("From: a@b.example\r\n\r\n", "a\n", TEXT)),
    bomb("over the size", "mail_bytes", || vec![b'a'; SIZE + 1]),
];

/// Every kind.
pub fn all() -> impl Iterator<Item = &'static Bomb> {
    IN_HEADERS.iter().chain(&IN_PARTS).chain(&IN_TEXT)
}
