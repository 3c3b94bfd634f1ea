//! `docs/choices.md` against the table of parameters and the words of the agreement.

use domain::terms::Parameter;

use crate::fault::Fault;

/// The document.
pub const DOCUMENT: &str = "docs/choices.md";
/// The agreement that it quotes.
pub const AGREEMENT: &str = "docs/acuerdo-de-nivel-de-servicio.txt";

/// A parameter as the document has to tell it.
#[derive(Debug, Clone)]
pub struct Told {
    /// Name in data.
    pub name: String,
    /// The clause that it fills in.
    pub clause: u8,
    /// The rule that reads it.
    pub rule: String,
    /// The default, in words.
    pub default: String,
}

/// Every parameter of the domain.
#[must_use]
pub fn parameters() -> Vec<Told> {
    let all = Parameter::ALL.iter();
    all.map(|parameter| Told {
        name: parameter.name().to_owned(),
        clause: parameter.clause(),
        rule: parameter.rule().to_owned(),
        default: parameter.default_shown(),
    })
    .collect()
}

/// Each parameter has a section with its clause, its rule and its default, and each section with a
/// name in code type is a parameter.
#[must_use]
pub fn check(document: &str, parameters: &[Told]) -> Vec<Fault> {
    let sections: Vec<(&str, &str)> = document
        .split("\n### ")
        .skip(1)
        .map(|section| section.split_once('\n').unwrap_or((section, "")))
        .collect();
    let mut faults = Vec::new();
    for parameter in parameters {
        let title = format!("`{}`", parameter.name);
        let Some((_, body)) = sections.iter().find(|(found, _)| found.trim() == title) else {
            let what = format!("the parameter {title} is not explained");
            let remedy =
                format!("Add a section \"### {title}\" with its clause, reading and default");
            faults.push(Fault::new(DOCUMENT, what, remedy));
            continue;
        };
        // A line that is wanted as it stands, and lines of which the beginning is.
        let wanted = [
            (format!("- **Regla:** {}", parameter.rule), true),
            (format!("- **Valor predeterminado:** {}", parameter.default), true),
            (format!("- **Cláusula {}:**", parameter.clause), false),
            ("- **Lectura:** ".to_owned(), false),
            ("- **Se cambia en:** ".to_owned(), false),
        ];
        for (line, whole) in wanted {
            let there = body.lines().any(|found| {
                if whole { found.trim_end() == line } else { found.starts_with(&line) }
            });
            if !there {
                let what = format!("the section {title} has no line \"{line}\"");
                faults.push(Fault::new(DOCUMENT, what, "Write what the code does"));
            }
        }
    }
    for (title, _) in &sections {
        let Some(name) = title.trim().strip_prefix('`').and_then(|it| it.strip_suffix('`')) else {
            continue;
        };
        if !parameters.iter().any(|parameter| parameter.name == name) {
            let what = format!("`{name}` is no parameter");
            faults.push(Fault::new(DOCUMENT, what, "Remove the section, or correct the name"));
        }
    }
    faults
}

/// What stands between « and » are the agreement's own words; `[…]` marks an omission.
#[must_use]
pub fn check_quotes(document: &str, agreement: &str) -> Vec<Fault> {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let agreement = plain(agreement);
    let mut faults = Vec::new();
    for quote in document.split('«').skip(1) {
        let Some((quote, _)) = quote.split_once('»') else {
            faults.push(Fault::new(DOCUMENT, "a « is not closed", "Close it with »"));
            continue;
        };
        for piece in quote.split("[…]") {
            let piece = plain(piece);
            if !agreement.contains(&piece) {
                let what = format!("«{piece}» are not the agreement's words");
                let remedy = format!("Quote {AGREEMENT}, or use other quotation marks");
                faults.push(Fault::new(DOCUMENT, what, remedy));
            }
        }
    }
    faults
}
