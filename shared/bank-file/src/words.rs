//! Words as they are compared: in capitals, without accents, whatever stands between them.

use crate::limits::ECHO_CHARS_MAX;

/// The words of a text: runs of letters and digits, in capitals and without accents.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars().flat_map(char::to_uppercase) {
        let plain = without_accent(c);
        if plain.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.push(plain));
        } else if words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A text as it is compared with another.
pub(crate) fn folded(text: &str) -> String {
    words(text).join(" ")
}

const fn without_accent(c: char) -> char {
    match c {
        'Á' | 'À' | 'Â' | 'Ä' | 'Ã' | 'Å' => 'A',
        'É' | 'È' | 'Ê' | 'Ë' => 'E',
        'Í' | 'Ì' | 'Î' | 'Ï' => 'I',
        'Ó' | 'Ò' | 'Ô' | 'Ö' | 'Õ' => 'O',
        'Ú' | 'Ù' | 'Û' | 'Ü' => 'U',
        'Ñ' => 'N',
        'Ç' => 'C',
        other => other,
    }
}

/// What a file says, as it may be repeated: one clean, short line.
pub(crate) fn echo(text: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.trim().chars().take(ECHO_CHARS_MAX).map(clean).collect();
    if text.trim().chars().count() > ECHO_CHARS_MAX {
        short.push('…');
    }
    short
}
