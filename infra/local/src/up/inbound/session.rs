//! One SMTP conversation, as bytes in and bytes out: what was heard, what is answered, and each mail
//! that came whole. It reads no socket and keeps no mail; parsing is the library's.
//!
//! Answers are in Spanish without accents: SMTP's lines are ASCII.

use std::slice;

use mail::Address;
use mail::inbound::limits::MAIL_BYTES_MAX;
use smtp_proto::request::receiver::{DataReceiver, DummyDataReceiver, RequestReceiver};
use smtp_proto::{Error, MailFrom, Request};

/// Recipients of one mail at most.
const RECIPIENTS_MAX: usize = 100;
/// Lines that are not understood, or out of place, before the conversation ends.
const FAULTS_MAX: u32 = 10;
/// Characters of what a client wrote that are repeated to it.
const ECHO_CHARS_MAX: usize = 300;

/// Who sends to whom.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// What the client called itself.
    pub(super) helo: String,
    /// The sender; `None` is the null path `<>`.
    pub(super) from: Option<Address>,
    /// The recipients, mailboxes of ours; at least one.
    pub(super) to: Vec<Address>,
}

/// A mail that came whole.
pub(super) struct Received {
    /// Its envelope.
    pub(super) envelope: Envelope,
    /// Its bytes, without the dots that SMTP adds.
    pub(super) raw: Vec<u8>,
}

/// Why a mail that came whole was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotKept {
    /// It asks for something that cannot be; sending it again changes nothing. ASCII.
    Refused(String),
    /// It could not be written; the client is to try again.
    Trouble,
}

/// What follows from what was heard.
pub(super) enum Turn {
    /// Everything was heard: answer, and listen on.
    More,
    /// A mail is here: keep it, tell [`Session::kept`], and go on hearing.
    Mail(Received),
    /// Answer, and hang up.
    Close,
}

/// A conversation.
pub(super) struct Session {
    domain: String,
    /// Answers that wait to be written.
    answers: Vec<u8>,
    lines: RequestReceiver,
    phase: Phase,
    helo: Option<String>,
    from: Option<Option<Address>>,
    to: Vec<Address>,
    faults: u32,
}

enum Phase {
    Commands,
    Data(DataReceiver, Vec<u8>),
    /// The mail is too large: the rest is heard and forgotten.
    TooLarge(DummyDataReceiver),
}

impl Session {
    /// A conversation of a server that takes mail for `domain`; it greets first.
    pub(super) fn new(domain: &str) -> Self {
        let mut session = Self {
            domain: domain.to_owned(),
            answers: Vec::new(),
            lines: RequestReceiver::default(),
            phase: Phase::Commands,
            helo: None,
            from: None,
            to: Vec::new(),
            faults: 0,
        };
        session.answer(&format!("220 {domain} ESMTP"));
        session
    }

    /// What is to be written to the client now.
    pub(super) fn take_answers(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.answers)
    }

    /// The last words to a client that is not listened to any longer.
    pub(super) fn goodbye(code: &str) -> Vec<u8> {
        format!("421 {code}\r\n").into_bytes()
    }

    /// Hears what came. After [`Turn::Mail`] the same bytes are to be heard on.
    pub(super) fn hear(&mut self, bytes: &mut slice::Iter<'_, u8>) -> Turn {
        loop {
            match &mut self.phase {
                Phase::Commands => {
                    let heard = match self.lines.ingest(bytes) {
                        Ok(request) => Ok(request.into_owned()),
                        Err(Error::NeedsMoreData { .. }) => return Turn::More,
                        Err(error) => Err(error),
                    };
                    if self.command(heard) {
                        return Turn::Close;
                    }
                }
                Phase::Data(receiver, raw) => {
                    let is_whole = receiver.ingest(bytes, raw);
                    if raw.len() > MAIL_BYTES_MAX {
                        if is_whole {
                            self.too_large();
                        } else {
                            self.phase = Phase::TooLarge(DummyDataReceiver::new_data(receiver));
                        }
                    } else if is_whole {
                        let raw = std::mem::take(raw);
                        return Turn::Mail(self.received(raw));
                    } else {
                        return Turn::More;
                    }
                }
                Phase::TooLarge(receiver) => {
                    if !receiver.ingest(bytes) {
                        return Turn::More;
                    }
                    self.too_large();
                }
            }
        }
    }

    /// What became of the mail that was handed out.
    pub(super) fn kept(&mut self, result: Result<String, NotKept>) {
        match result {
            Ok(id) => self.answer(&format!("250 2.0.0 Guardado como {id}")),
            Err(NotKept::Refused(why)) => self.answer(&format!("550 5.6.0 {}", echo(&why))),
            Err(NotKept::Trouble) => {
                self.answer("451 4.3.0 No se pudo guardar; intente de nuevo");
            }
        }
    }

    fn answer(&mut self, line: &str) {
        self.answers.extend_from_slice(line.as_bytes());
        self.answers.extend_from_slice(b"\r\n");
    }

    fn received(&mut self, raw: Vec<u8>) -> Received {
        self.phase = Phase::Commands;
        let helo = self.helo.clone().unwrap_or_default();
        let from = self.from.take().flatten();
        Received { envelope: Envelope { helo, from, to: std::mem::take(&mut self.to) }, raw }
    }

    fn too_large(&mut self) {
        self.reset();
        self.answer("552 5.3.4 El correo pasa de 40 MB");
    }

    /// Forgets the mail that was begun.
    fn reset(&mut self) {
        self.phase = Phase::Commands;
        self.from = None;
        self.to.clear();
    }

    /// Carries out one line; true when the conversation ends.
    fn command(&mut self, heard: Result<Request<String>, Error>) -> bool {
        match heard {
            Ok(Request::Ehlo { host }) => {
                self.reset();
                self.helo = Some(host);
                let domain = self.domain.clone();
                self.answer(&format!("250-{domain}"));
                self.answer("250-PIPELINING");
                self.answer(&format!("250-SIZE {MAIL_BYTES_MAX}"));
                self.answer("250-8BITMIME");
                self.answer("250 ENHANCEDSTATUSCODES");
            }
            Ok(Request::Helo { host }) => {
                self.reset();
                self.helo = Some(host);
                let domain = self.domain.clone();
                self.answer(&format!("250 {domain}"));
            }
            Ok(Request::Mail { from }) => return self.mail(&from),
            Ok(Request::Rcpt { to }) => return self.recipient(&to.address),
            Ok(Request::Data) => return self.data(),
            Ok(Request::Rset) => {
                self.reset();
                self.answer("250 2.0.0 Listo");
            }
            Ok(Request::Noop { .. }) => self.answer("250 2.0.0 Listo"),
            Ok(Request::Quit) => {
                self.answer("221 2.0.0 Hasta luego");
                return true;
            }
            Ok(Request::Vrfy { .. }) => self.answer("252 2.5.2 Se sabe hasta que llega el correo"),
            Ok(
                Request::Lhlo { .. }
                | Request::Bdat { .. }
                | Request::Auth { .. }
                | Request::Expn { .. }
                | Request::Help { .. }
                | Request::Etrn { .. }
                | Request::Atrn { .. }
                | Request::Burl { .. }
                | Request::StartTls,
            ) => return self.fault("502 5.5.1 Esa orden no se atiende aqui"),
            Err(error) => return self.not_understood(&error),
        }
        false
    }

    fn mail(&mut self, from: &MailFrom<String>) -> bool {
        if self.helo.is_none() {
            return self.fault("503 5.5.1 Primero EHLO");
        }
        if self.from.is_some() {
            return self.fault("503 5.5.1 Ya hay un correo empezado; RSET lo olvida");
        }
        if from.size > MAIL_BYTES_MAX {
            return self.fault("552 5.3.4 El correo pasa de 40 MB");
        }
        let sender = match from.address.as_str() {
            "" => None,
            address => match Address::parse(address) {
                Ok(address) => Some(address),
                Err(_) => {
                    return self.fault("553 5.1.7 El remitente no tiene la forma nombre@dominio");
                }
            },
        };
        self.from = Some(sender);
        self.answer("250 2.1.0 Remitente anotado");
        false
    }

    fn recipient(&mut self, address: &str) -> bool {
        if self.from.is_none() {
            return self.fault("503 5.5.1 Primero MAIL FROM");
        }
        if self.to.len() >= RECIPIENTS_MAX {
            return self.fault("452 4.5.3 Demasiados destinatarios");
        }
        match Address::parse(address) {
            Ok(address) if address.domain() == self.domain => {
                self.to.push(address);
                self.answer("250 2.1.5 Destinatario anotado");
                false
            }
            Ok(_) | Err(_) => {
                let line = format!("550 5.7.1 Solo se recibe correo para {}", self.domain);
                self.fault(&line)
            }
        }
    }

    fn data(&mut self) -> bool {
        if self.from.is_none() {
            return self.fault("503 5.5.1 Primero MAIL FROM");
        }
        if self.to.is_empty() {
            return self.fault("554 5.5.1 Sin destinatarios no hay correo");
        }
        let (mut receiver, mut raw) = (DataReceiver::new(), Vec::new());
        // The end of the line before counts (RFC 5321, 4.1.1.4), so that a mail may start with a dot, or
        // consist of nothing.
        receiver.ingest(&mut b"\r\n".iter(), &mut raw);
        raw.clear();
        self.phase = Phase::Data(receiver, raw);
        self.answer("354 Termine con una linea que solo tenga un punto");
        false
    }

    /// A browser can be made to speak to any port, with the lines of a form as commands. So whoever
    /// starts with anything but a greeting is hung up on at once.
    fn not_understood(&mut self, error: &Error) -> bool {
        let line = match error {
            Error::UnknownCommand => "500 5.5.2 Orden desconocida".to_owned(),
            Error::InvalidSenderAddress => {
                "553 5.1.7 El remitente no tiene la forma nombre@dominio".to_owned()
            }
            Error::InvalidRecipientAddress => {
                "553 5.1.3 El destinatario no tiene la forma nombre@dominio".to_owned()
            }
            Error::SyntaxError { syntax } => format!("501 5.5.4 Se espera: {syntax}"),
            Error::InvalidParameter { param } => {
                format!("501 5.5.4 No sirve el valor de {param}")
            }
            Error::UnsupportedParameter { param } => {
                format!("555 5.5.4 No se conoce el parametro {}", echo(param))
            }
            // Where a line ends that is longer than any command is not known any more.
            Error::ResponseTooLong
            | Error::NeedsMoreData { .. }
            | Error::InvalidResponse { .. } => {
                self.answer("500 5.5.6 La linea es demasiado larga");
                return true;
            }
        };
        self.fault(&line) || self.helo.is_none()
    }

    /// Answers a line that cannot be carried out; true when there were too many of them.
    fn fault(&mut self, line: &str) -> bool {
        self.answer(line);
        self.faults += 1;
        if self.faults < FAULTS_MAX {
            return false;
        }
        self.answers.extend(Self::goodbye("4.7.0 Demasiados errores"));
        true
    }
}

/// What a client wrote, as far as it can stand in an answer.
fn echo(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~')).take(ECHO_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FAULTS_MAX, MAIL_BYTES_MAX, NotKept, RECIPIENTS_MAX, Session, Turn};

    /// What a client said in these pieces, what it heard, the mails that came, and whether it was
    /// hung up on.
    struct Talk {
        heard: Vec<String>,
        mails: Vec<(String, Vec<String>, Vec<u8>)>,
        is_over: bool,
    }

    fn talk<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Talk {
        let mut session = Session::new("m.example");
        let (mut answers, mut mails, mut is_over) = (Vec::new(), Vec::new(), false);
        'talk: for piece in pieces {
            let mut bytes = piece.iter();
            loop {
                match session.hear(&mut bytes) {
                    Turn::More => break,
                    Turn::Mail(mail) => {
                        let to = mail.envelope.to.iter().map(ToString::to_string).collect();
                        let from = mail.envelope.from.map(|from| from.to_string());
                        mails.push((from.unwrap_or_default(), to, mail.raw));
                        session.kept(Ok(format!("id{}", mails.len())));
                    }
                    Turn::Close => {
                        is_over = true;
                        break 'talk;
                    }
                }
            }
            answers.extend(session.take_answers());
        }
        answers.extend(session.take_answers());
        let heard = String::from_utf8(answers).unwrap();
        assert!(heard.is_ascii() && heard.ends_with("\r\n"), "{heard}");
        Talk { heard: heard.lines().map(str::to_owned).collect(), mails, is_over }
    }

    /// The codes that a client hears after the greeting and `EHLO x`.
    fn codes(lines: &str) -> Vec<String> {
        let said = format!("EHLO x\r\n{lines}");
        let heard = talk([said.as_bytes()]).heard;
        heard[6..].iter().map(|line| line[..3].to_owned()).collect()
    }

    const MAIL: &str = "MAIL FROM:<ana@x.example> SIZE=20 BODY=8BITMIME\r\nRCPT TO:<soporte@m.example>\r\n\
        rcpt to:<Soporte+T.1@M.EXAMPLE>\r\nDATA\r\n..a: b\r\n\r\n..\r\n.b\r\n.\r\n";

    #[test]
    fn a_mail_in_one_piece_arrives_without_the_dots() {
        let said = format!(
            "EHLO pc\r\n{MAIL}MAIL FROM:<>\r\nRCPT TO:<x@m.example>\r\nDATA\r\n.\r\nQUIT\r\n"
        );
        let talk = talk([said.as_bytes()]);
        let to = vec!["soporte@m.example".to_owned(), "Soporte+T.1@m.example".to_owned()];
        let first = ("ana@x.example".to_owned(), to, b".a: b\r\n\r\n.\r\nb\r\n".to_vec());
        assert_eq!(talk.mails[0], first);
        assert_eq!(talk.mails[1].0, "", "the null path");
        assert_eq!(talk.mails.len(), 2);
        assert!(talk.is_over);
        let codes: Vec<&str> = talk.heard.iter().map(|line| &line[..4]).collect();
        let greeting = ["220 ", "250-", "250-", "250-", "250-", "250 "];
        let mail = ["250 ", "250 ", "250 ", "354 ", "250 "];
        let empty = ["250 ", "250 ", "354 ", "250 ", "221 "];
        assert_eq!(codes, [&greeting[..], &mail, &empty].concat());
        assert!(talk.heard[10].ends_with("Guardado como id1"), "{:?}", talk.heard);
        for extension in ["PIPELINING", "SIZE 41943040", "8BITMIME"] {
            assert!(talk.heard.contains(&format!("250-{extension}")), "{extension}");
        }
    }

    #[test]
    fn each_fault_has_its_code() {
        let from = "MAIL FROM:<a@x.example>\r\n";
        let to = "RCPT TO:<s@m.example>\r\n";
        let table: [(String, &[&str]); 15] = [
            (to.to_owned(), &["503"]),
            ("DATA\r\n".to_owned(), &["503"]),
            (format!("{from}DATA\r\n"), &["250", "554"]),
            (format!("{from}{from}"), &["250", "503"]),
            (format!("{from}RSET\r\n{to}"), &["250", "250", "503"]),
            (format!("{from}EHLO y\r\n{to}"), &["250", "250", "250", "250", "250", "250", "503"]),
            (format!("{from}RCPT TO:<a@otro.example>\r\n"), &["250", "550"]),
            (format!("{from}RCPT TO:<a@sub.m.example>\r\n"), &["250", "550"]),
            (format!("{from}RCPT TO:<postmaster>\r\n"), &["250", "550"]),
            (format!("{from}RCPT TO:<\"a b\"@m.example>\r\n"), &["250", "550"]),
            (format!("MAIL FROM:<a@x.example> SIZE={}\r\n", MAIL_BYTES_MAX + 1), &["552"]),
            ("MAIL FROM:<a@x.example> SABOR=FRESA\r\n".to_owned(), &["555"]),
            ("MAIL FROM:<ñ@x.example>\r\nMAIL FROM:a@x\r\n".to_owned(), &["553", "501"]),
            ("STARTTLS\r\nAUTH PLAIN AA==\r\nBDAT 3 LAST\r\n".to_owned(), &["502"; 3]),
            ("VRFY ana\r\nNOOP\r\nVOLAR\r\n".to_owned(), &["252", "250", "500"]),
        ];
        for (lines, expected) in table {
            assert_eq!(codes(&lines), expected, "{lines:.100}");
        }
    }

    #[test]
    fn what_was_not_kept_is_told_apart() {
        let mut session = Session::new("m.example");
        session.kept(Err(NotKept::Trouble));
        session.kept(Err(NotKept::Refused("no\r\n250 si ñ".to_owned())));
        let heard = String::from_utf8(session.take_answers()).unwrap();
        assert_eq!(heard.lines().count(), 3, "no answer is made of what a client wrote: {heard}");
        assert!(heard.contains("\r\n451 4.3.0 ") && heard.contains("\r\n550 5.6.0 no250 si "));
    }

    #[test]
    fn a_client_that_does_not_speak_smtp_is_hung_up_on() {
        let form = format!("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nEHLO x\r\n{MAIL}");
        let forged = talk([form.as_bytes()]);
        assert!(forged.is_over && forged.mails.is_empty(), "{:?}", forged.heard);
        let stubborn = talk(["EHLO x\r\n", &"VOLAR\r\n".repeat(50)].map(str::as_bytes));
        assert!(stubborn.is_over);
        assert_eq!(stubborn.heard.len(), 6 + usize::try_from(FAULTS_MAX).unwrap() + 1);
        assert!(stubborn.heard.last().unwrap().starts_with("421 4.7.0"));
    }

    #[test]
    fn a_line_without_end_is_not_gathered() {
        let talk = talk(
            [b"EHLO x\r\nNOOP ".as_slice()]
                .into_iter()
                .chain(std::iter::repeat_n(b"a".repeat(99).as_slice(), 99)),
        );
        assert!(talk.is_over);
        assert!(talk.heard.last().unwrap().starts_with("500 5.5.6"), "{:?}", talk.heard);
    }

    #[test]
    fn too_many_recipients_are_put_off_and_the_mail_still_arrives() {
        let to = "RCPT TO:<s@m.example>\r\n".repeat(RECIPIENTS_MAX + 1);
        let said = format!("EHLO x\r\nMAIL FROM:<a@x.example>\r\n{to}DATA\r\nhola\r\n.\r\n");
        let talk = talk([said.as_bytes()]);
        assert_eq!(talk.mails[0].1.len(), RECIPIENTS_MAX);
        assert_eq!(talk.heard.iter().filter(|line| line.starts_with("452")).count(), 1);
    }

    #[test]
    fn a_mail_over_the_limit_is_refused_and_the_next_one_is_heard() {
        let open =
            b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<s@m.example>\r\nDATA\r\n".to_vec();
        let line = vec![b'a'; 1022].into_iter().chain(*b"\r\n").collect::<Vec<u8>>();
        let lines = MAIL_BYTES_MAX / line.len();
        let pieces =
            [open.as_slice()].into_iter().chain(std::iter::repeat_n(line.as_slice(), lines));
        let (exact, rest) = (b".\r\n".as_slice(), MAIL.as_bytes());
        // Too large with its end in the same piece, and with more to come.
        for over in [&[b"a\r\n.\r\n".as_slice()][..], &[b"a\r\n", b"RSET\r\n", b".\r\n"]] {
            let refused = talk(pieces.clone().chain(over.iter().copied()).chain([rest]));
            let codes: Vec<&str> = refused.heard[6..].iter().map(|line| &line[..3]).collect();
            let after = ["250", "250", "250", "354", "250"];
            assert_eq!(codes, [&["250", "250", "354", "552"][..], &after].concat());
            assert_eq!(refused.mails.len(), 1, "the one after it");
        }
        let taken = talk(pieces.chain([exact]));
        assert_eq!(taken.mails[0].2.len(), MAIL_BYTES_MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        /// Wherever the network cuts what a client says, the same is heard.
        #[test]
        fn cuts_change_nothing(cuts in prop::collection::vec(1_usize..40, 1..200)) {
            let said = format!("EHLO x\r\n{MAIL}{MAIL}VOLAR\r\nQUIT\r\n");
            let whole = talk([said.as_bytes()]);
            let mut rest = said.as_bytes();
            let mut pieces = Vec::new();
            for cut in cuts {
                let (piece, tail) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece);
                rest = tail;
            }
            pieces.push(rest);
            let cut = talk(pieces);
            prop_assert_eq!(cut.heard, whole.heard);
            prop_assert_eq!(cut.mails, whole.mails);
        }

        /// Whatever a client says, nothing panics and every answer is one line of ASCII.
        #[test]
        fn any_bytes_are_answered(said in prop::collection::vec(any::<u8>(), 0..600), greets: bool) {
            let greeting: &[u8] = if greets { b"EHLO x\r\n" } else { b"" };
            let heard = talk([greeting, &said]).heard;
            prop_assert!(heard.iter().all(|line| line.len() > 4 && line.as_bytes()[0].is_ascii_digit()));
        }
    }
}
