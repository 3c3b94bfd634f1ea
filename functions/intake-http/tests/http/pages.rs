//! The pages that links lead to, as a browser has them.

use crate::kit::{Told, World};

/// What a browser's form is sent as.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn page(told: &Told) -> String {
    String::from_utf8(told.bytes.clone()).unwrap()
}

pub(crate) fn shows(told: &Told, status: u16, words: &[&str]) {
    let page = page(told);
    assert_eq!(told.status, status, "{page}");
    for word in words {
        assert!(page.contains(word), "the page does not say «{word}»:\n{page}");
    }
}

pub(crate) fn look(world: &World, path: &str) -> Told {
    world.ask("GET", path).send()
}

/// Presses the button of a page without a question.
pub(crate) fn press(world: &World, path: &str) -> Told {
    world.ask("POST", path).raw(FORM, "").send()
}
