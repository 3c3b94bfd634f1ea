//! A life as a story that a person reads, and as a file that can be lived again.

use crate::life::Life;
use crate::live::End;
use tests_scenarios::moment::show;

/// The story of a life, with instants of Mexico City.
#[must_use]
pub fn tell(life: &Life, end: &End) -> String {
    let mut text = format!(
        "seed {}, from {}, {} acts, weather {:?}\n",
        life.seed,
        show(life.start),
        life.scenes.len(),
        life.weather
    );
    for line in &end.story {
        text.push_str(line);
        text.push('\n');
    }
    match &end.violation {
        None => text.push_str("Everything held.\n"),
        Some(violation) => {
            let at = show(violation.at);
            text.push_str(&format!(
                "{at}  DOES NOT HOLD: {}\n  {}\n",
                violation.invariant, violation.found
            ));
        }
    }
    text
}

/// The file of a life: on top what did not hold.
///
/// # Panics
/// When a life cannot be written as TOML: it is made of texts and numbers alone.
#[must_use]
pub fn write(life: &Life, end: &End) -> String {
    let toml = toml::to_string(life).expect("a life is texts and numbers");
    let wrong = end.violation.as_ref().map_or("nothing", |violation| violation.invariant);
    format!("# Did not hold: {wrong}\n\n{toml}")
}

/// Reads the file of a life.
///
/// # Errors
/// Where it is none.
pub fn read(text: &str) -> Result<Life, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}
