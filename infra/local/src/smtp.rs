//! Handing a mail to an SMTP server: as little of RFC 5321 as that takes.

use std::time::Duration;

use app::ports::SendError;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(20);
/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Handed {
    /// The server took it, and said this.
    Taken(String),
    /// The server will never take it, and said why.
    Refused(String),
}

/// Hands one mail to the server at `server` (`host:port`): from `from`, empty for the null path, to
/// each of `to`. A server that refuses one recipient is handed nothing.
///
/// # Errors
/// [`SendError::Retryable`] when the server certainly did not take it, [`SendError::Unknown`] when
/// the connection broke after the whole mail was sent.
pub(crate) async fn hand_over(
    server: &str,
    from: &str,
    to: &[&str],
    mime: &[u8],
) -> Result<Handed, SendError> {
    for address in [from].iter().chain(to) {
        if address.bytes().any(|byte| byte.is_ascii_control() || matches!(byte, b'<' | b'>' | b' '))
        {
            return Err(SendError::Refused(format!("{address:?} is no address")));
        }
    }
    let connected = timeout(ANSWER, TcpStream::connect(server)).await;
    let stream = connected.map_err(|_| not_taken("no answer"))?.map_err(not_taken)?;
    let mut session = Session { stream: BufReader::new(stream) };
    let mut opening =
        vec![None, Some("EHLO localhost".to_owned()), Some(format!("MAIL FROM:<{from}>"))];
    opening.extend(to.iter().map(|to| Some(format!("RCPT TO:<{to}>"))));
    opening.push(Some("DATA".to_owned()));
    for line in opening {
        let (code, text) = session.ask(line.as_deref()).await.map_err(not_taken)?;
        match code {
            200..=399 => {}
            500..=599 => return Ok(Handed::Refused(text)),
            _ => return Err(not_taken(text)),
        }
    }
    session.write(&stuffed(mime)).await.map_err(not_taken)?;
    // From here on the server has the whole mail: without an answer nobody knows.
    let (code, text) = session.ask(Some(".")).await.map_err(SendError::Unknown)?;
    // The mail's fate is sealed; whether the server hears the goodbye changes nothing.
    let _ = session.ask(Some("QUIT")).await;
    match code {
        200..=299 => Ok(Handed::Taken(text)),
        500..=599 => Ok(Handed::Refused(text)),
        _ => Err(not_taken(text)),
    }
}

struct Session {
    stream: BufReader<TcpStream>,
}

impl Session {
    /// Sends a line, or nothing, and reads the answer with its code.
    async fn ask(&mut self, line: Option<&str>) -> Result<(u16, String), String> {
        if let Some(line) = line {
            self.write(format!("{line}\r\n").as_bytes()).await?;
        }
        timeout(ANSWER, self.answer()).await.map_err(|_| "no answer in time".to_owned())?
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        let written = timeout(ANSWER, self.stream.write_all(bytes)).await;
        written.map_err(|_| "no answer in time".to_owned())?.map_err(|error| error.to_string())
    }

    /// An answer may have many lines; all but the last have a dash after the code.
    async fn answer(&mut self) -> Result<(u16, String), String> {
        let mut limited = (&mut self.stream).take(ANSWER_BYTES_MAX);
        loop {
            let mut line = Vec::new();
            limited.read_until(b'\n', &mut line).await.map_err(|error| error.to_string())?;
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            if line.is_empty() {
                return Err("the connection was closed".to_owned());
            }
            let code = line.get(..3).and_then(|code| code.parse().ok());
            let code = code.ok_or_else(|| format!("not an SMTP answer: {line:?}"))?;
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok((code, line));
            }
        }
    }
}

fn not_taken(error: impl ToString) -> SendError {
    SendError::Retryable(error.to_string())
}

/// The mail with CRLF line ends and a second dot before every line that starts with one, ended by
/// CRLF.
fn stuffed(mime: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mime.len() + mime.len() / 64 + 2);
    for line in mime.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use app::ports::SendError;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::{Handed, hand_over, stuffed};

    const MIME: &[u8] = b"Subject: hola\r\n\r\n.\r\nfin\n";

    async fn sent(server: &str, to: &[&str]) -> Result<Handed, SendError> {
        hand_over(server, "soporte@millora.example", to, MIME).await
    }

    /// A server that gives these answers, one for each thing it hears; returns what it heard.
    async fn against(answers: Vec<&'static str>) -> (Result<Handed, SendError>, Vec<String>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let relay = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let mut heard = Vec::new();
            for answer in answers {
                stream.write_all(answer.as_bytes()).await.unwrap();
                let in_data = answer.starts_with("354");
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                        return heard;
                    }
                    heard.push(line.trim_end().to_owned());
                    if !in_data || line == ".\r\n" {
                        break;
                    }
                }
            }
            heard
        });
        let result = sent(&relay, &["ana@x.example", "eva@x.example"]).await;
        (result, server.await.unwrap())
    }

    const OPENING: [&str; 6] = [
        "220 hola\r\n",
        "250-a\r\n250 b\r\n",
        "250 ok\r\n",
        "250 ok\r\n",
        "250 ok\r\n",
        "354 adelante\r\n",
    ];

    #[tokio::test]
    async fn a_mail_is_taken() {
        let answers = [&OPENING[..], &["250 recibido\r\n"]].concat();
        let (result, heard) = against(answers).await;
        assert_eq!(result, Ok(Handed::Taken("250 recibido".to_owned())));
        assert_eq!(
            heard,
            [
                "EHLO localhost",
                "MAIL FROM:<soporte@millora.example>",
                "RCPT TO:<ana@x.example>",
                "RCPT TO:<eva@x.example>",
                "DATA",
                "Subject: hola",
                "",
                "..",
                "fin",
                ".",
                "QUIT"
            ]
        );
    }

    #[tokio::test]
    async fn each_answer_has_its_meaning() {
        let table: [(&[&str], &str); 5] = [
            (&["220 a\r\n", "250 b\r\n", "250 c\r\n", "550 no existe\r\n"], "Ok(Refused"),
            (&["220 a\r\n", "250 b\r\n", "250 c\r\n", "451 luego\r\n"], "Err(Retryable"),
            (&["421 ocupado\r\n"], "Err(Retryable"),
            (&["hola\r\n"], "Err(Retryable"),
            (&OPENING, "Err(Unknown"),
        ];
        for (answers, expected) in table {
            let (result, _) = against(answers.to_vec()).await;
            let shown = format!("{result:?}");
            assert!(shown.starts_with(expected), "{answers:?}: {shown}");
        }
    }

    #[tokio::test]
    async fn an_address_cannot_carry_commands() {
        let result = sent("127.0.0.1:1", &["a@x>\r\nRCPT TO:<b@y"]).await;
        assert!(matches!(result, Err(SendError::Refused(_))), "{result:?}");
    }

    #[test]
    fn dots_are_doubled_and_lines_end_in_crlf() {
        let table: [(&[u8], &[u8]); 4] = [
            (b"a\nb\r\n", b"a\r\nb\r\n"),
            (b".a", b"..a\r\n"),
            (b"", b""),
            (b"a\r\n.\r\n", b"a\r\n..\r\n"),
        ];
        for (mime, wire) in table {
            assert_eq!(stuffed(mime), wire);
        }
    }
}
