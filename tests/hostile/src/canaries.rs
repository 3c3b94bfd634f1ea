//! Canaries: words that stand where people write names, addresses and texts, each its own, so that one
//! that is found where it must not be shows which way it came.

use std::fmt::Write as _;

/// What every canary begins with, in small letters.
const STEM: &str = "canarito";

/// A cage: it gives out canaries and counts them.
#[derive(Debug, Default)]
pub struct Canaries {
    given: usize,
}

impl Canaries {
    /// Another one: letters and digits, so that it may stand in an address, a name or a path.
    pub fn another(&mut self) -> String {
        self.given += 1;
        format!("{STEM}{:05}", self.given)
    }

    /// How many were given out.
    #[must_use]
    pub const fn given(&self) -> usize {
        self.given
    }
}

/// The lines of a log that hold a canary: as it was written, in other letters, or in base64 or
/// hexadecimal. Quoted-printable, RFC 2231 and paths write letters and digits as they are.
#[must_use]
pub fn sightings(log: &str) -> Vec<&str> {
    let hidden = [base64_cores(STEM), base64_cores(&STEM.to_uppercase())].concat();
    let hexadecimal = hex(STEM);
    let holds = |line: &&str| {
        let small = line.to_lowercase();
        small.contains(STEM)
            || small.contains(&hexadecimal)
            || hidden.iter().any(|core| line.contains(core.as_str()))
    };
    log.lines().filter(holds).collect()
}

/// In base64, on one line.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        let number = number << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let symbol = SYMBOLS[(number >> (18 - 6 * place) & 63) as usize];
            text.push(if place > chunk.len() { '=' } else { symbol.into() });
        }
    }
    text
}

/// As an encoded word of a header (RFC 2047).
#[must_use]
pub fn encoded_word(text: &str) -> String {
    format!("=?utf-8?B?{}?=", base64(text.as_bytes()))
}

/// What the base64 of any text with `stem` in it holds, wherever in the text it stands.
fn base64_cores(stem: &str) -> Vec<String> {
    let core = |before: usize| {
        let text = base64(&[&vec![b' '; before], stem.as_bytes()].concat());
        // What the bytes around it share a symbol with is left out.
        let symbols = (before + stem.len()) * 8 / 6;
        text[(before * 8).div_ceil(6)..symbols].to_owned()
    };
    (0..3).map(core).collect()
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_seen_in_whatever_form() {
        let canary = Canaries::default().another();
        assert_eq!(base64(b"hola"), "aG9sYQ==");
        assert_eq!(base64(b"hol"), "aG9s");
        let forms = [
            canary.clone(),
            canary.to_uppercase(),
            format!("a {canary}@x.example b"),
            hex(&canary),
            base64(canary.as_bytes()),
            base64(format!("a{canary}b").as_bytes()),
            base64(format!("ab{canary}").as_bytes()),
            base64(canary.to_uppercase().as_bytes()),
            encoded_word(&format!("Señora {canary}")),
        ];
        for form in forms {
            assert_eq!(sightings(&format!("x\n{form}\ny")), [form.as_str()]);
        }
        assert!(sightings("canario\nY2FuYXJpbw==").is_empty());
    }
}
