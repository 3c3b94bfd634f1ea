//! The dated list of what would happen, for people and for programs.

use domain::{ClientId, Instant};
use serde_json::{Value, json};

use super::happening::Happening;

/// What would happen.
#[derive(Debug)]
pub(crate) struct Report {
    from: Instant,
    to: Instant,
    happenings: Vec<Happening>,
}

impl Report {
    /// What happened from `from` on, of `clients` alone unless there are none. What concerns nobody's
    /// client is told only where all are.
    pub(super) fn new(
        from: Instant,
        to: Instant,
        mut happenings: Vec<Happening>,
        clients: &[ClientId],
    ) -> Self {
        let is_of = |it: &Happening| {
            let of = it.client.as_deref();
            clients.is_empty() || clients.iter().any(|client| of == Some(client.as_str()))
        };
        happenings.retain(|it| it.at >= from && is_of(it));
        Self { from, to, happenings }
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "from": self.from.to_rfc3339(),
            "to": self.to.to_rfc3339(),
            "happenings": self.happenings,
        })
    }

    /// For people, in Spanish.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![
            format!("Del {} al {}", self.from.spanish(), self.to.spanish()),
            "Nada de esto ha pasado: no se envió ni se guardó nada.".to_owned(),
        ];
        let mut at = None;
        for happening in &self.happenings {
            if at != Some(happening.at) {
                at = Some(happening.at);
                lines.push(String::new());
                lines.push(happening.at.spanish_short());
            }
            lines.extend(told(happening));
        }
        if self.happenings.is_empty() {
            lines.push("\nNo pasaría nada.".to_owned());
        }
        lines.join("\n")
    }
}

fn told(happening: &Happening) -> Vec<String> {
    let Some(to) = &happening.to else {
        let whose = happening.ticket.as_ref().or(happening.client.as_ref());
        let whose = whose.map(|it| format!("{it}: ")).unwrap_or_default();
        return vec![format!("  {whose}{}", happening.text)];
    };
    let mut lines = vec![format!("  Correo a {to}: {}", happening.text)];
    // What stands below every mail is not told every time.
    let words = happening.words.as_deref().unwrap_or_default();
    let words = words.lines().take_while(|line| line.trim_end() != "--");
    lines.extend(words.map(|line| format!("    │ {line}").trim_end().to_owned()));
    lines
}
