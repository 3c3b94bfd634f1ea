//! How mail programs write the line above a quotation, in Mexican Spanish and in English.
//!
//! All lines come trimmed. Gmail (web, Android, iPhone), Outlook (desktop, web, phone), Apple Mail,
//! Yahoo, Roundcube, Thunderbird and Zimbra are what was looked at.

/// Words with which an attribution begins.
const OPENINGS: [&str; 7] = ["el ", "en ", "on ", "a las ", "am ", "le ", "em "];
/// Words with which it ends, before the colon.
const WROTE: [&str; 7] =
    ["escribió", "escribio", "ha escrito", "wrote", "escribía", "a écrit", "escreveu"];

/// Whether a line can begin an attribution.
pub(super) fn opens_attribution(line: &str) -> bool {
    OPENINGS.iter().any(|it| starts(line, it)) || names_an_author(line)
}

/// Whether the lines joined so far are a whole attribution: somebody wrote, at some date.
pub(super) fn closes_attribution(joined: &str) -> bool {
    let Some(said) = joined.strip_suffix(':') else { return false };
    let said = said.trim_end().to_lowercase();
    let dated = said.bytes().filter(u8::is_ascii_digit).count() >= 2;
    let ends = WROTE.iter().any(|it| said.ends_with(it));
    // "Ana <ana@…> escribió el vie, 20 nov 2026 a las 10:00:"
    let within = WROTE.iter().any(|it| said.contains(&format!("{it} el "))) && said.contains('@');
    dated && (ends || within)
}

/// "Ana López <ana@acme.example> escribió el …:" begins with the author.
fn names_an_author(line: &str) -> bool {
    line.contains('@') && line.contains('<') && WROTE.iter().any(|it| line.contains(it))
}

/// "-----Mensaje original-----", "-------- Mensaje Original --------".
pub(super) fn is_original_divider(line: &str) -> bool {
    let Some(words) = between_dashes(line) else { return false };
    [
        "mensaje original",
        "original message",
        "correo original",
        "original appointment",
        "cita original",
    ]
    .contains(&words.as_str())
}

/// "---------- Forwarded message ---------", "Inicio del mensaje reenviado:".
pub(super) fn is_forward_divider(line: &str) -> bool {
    let begins = line.starts_with("--") || starts(line, "inicio") || starts(line, "begin");
    if line.len() > 100 || !begins {
        return false;
    }
    let lower = line.to_lowercase();
    let words = between_dashes(line).unwrap_or(lower);
    [
        "forwarded message",
        "mensaje reenviado",
        "mensaje original reenviado",
        "inicio del mensaje reenviado:",
        "begin forwarded message:",
    ]
    .contains(&words.as_str())
}

fn between_dashes(line: &str) -> Option<String> {
    let words = line.trim_matches('-');
    let dashes = line.len() - words.len();
    (dashes >= 6 && line.starts_with("--")).then(|| words.trim().to_lowercase())
}

/// The rule of underscores that Outlook draws above the block of headers.
pub(super) fn is_divider(line: &str) -> bool {
    line.len() >= 10 && (line.bytes().all(|b| b == b'_') || line.bytes().all(|b| b == b'-'))
}

/// Whether a block of headers begins with the first of `lines`.
pub(super) fn is_header_block(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else { return false };
    if !label(first).is_some_and(|it| ["de", "from", "remitente"].contains(&it.as_str())) {
        return false;
    }
    let mut seen = [false; 3];
    for line in lines.iter().skip(1).take(10).take_while(|line| !line.is_empty()) {
        let Some(label) = label(line) else { continue };
        match label.as_str() {
            "enviado" | "enviado el" | "fecha" | "date" | "sent" | "enviada" | "cuándo" => {
                seen[0] = true;
            }
            "para" | "to" | "destinatario" => seen[1] = true,
            "asunto" | "subject" => seen[2] = true,
            _ => {}
        }
    }
    seen[2] && (seen[0] || seen[1]) || seen[0] && seen[1]
}

/// What stands before the colon of a header line, without the marks of bold.
fn label(line: &str) -> Option<String> {
    let bare = line.trim_start_matches(['*', ' ', '_']);
    let colon = bare.bytes().take(21).position(|b| b == b':')?;
    Some(bare[..colon].trim_matches(['*', ' ', '_']).to_lowercase())
}

/// What telephones and some programs write under each mail.
pub(super) fn is_phone_signature(line: &str) -> bool {
    const STARTS: [&str; 13] = [
        "enviado desde mi ",
        "enviado desde outlook",
        "enviado desde correo para ",
        "enviado desde correo de windows",
        "enviado desde yahoo",
        "enviado con gmail",
        "enviado desde gmail",
        "obtener outlook para ",
        "obtén outlook para ",
        "sent from my ",
        "sent from outlook",
        "sent from yahoo",
        "get outlook for ",
    ];
    let bare = line.trim_start_matches(['-', ' ', '<', '*']);
    line.len() <= 120 && STARTS.iter().any(|it| starts(bare, it))
}

/// Whether a line starts with these words, whatever the case of their ASCII letters.
fn starts(line: &str, words: &str) -> bool {
    let start = line.as_bytes().get(..words.len());
    start.is_some_and(|it| it.eq_ignore_ascii_case(words.as_bytes()))
}
