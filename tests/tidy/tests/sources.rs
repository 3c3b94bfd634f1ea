//! What the code may not hold, and how it is cut.

use tests_tidy::files::{self, File};
use tests_tidy::none;
use tests_tidy::shape::{
    check_functions, check_length, check_purity, check_runtime, check_sending,
};
use tests_tidy::words;

/// Files that are longer than a file should be, each with the reason.
const LONG: &[(&str, &str)] = &[];

/// Functions that are longer than a function should be, each with the reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[
    ("shared/app/src/compose.rs", "content", "one match with an arm for each kind of notice"),
    ("shared/domain/src/account/fold.rs", "apply", "one match with an arm for each kind of fact"),
    ("shared/domain/src/ticket/fold.rs", "apply", "one match with an arm for each kind of fact"),
    (
        "shared/mail/src/outbound/account.rs",
        "advice",
        "one match with an arm for each kind of notice",
    ),
    (
        "shared/mail/src/outbound/account.rs",
        "told",
        "one match with an arm for each kind of notice",
    ),
];

#[test]
fn no_file_holds_a_banned_word() {
    none(words::check(&files::all()));
    let wrong = ["// TO", "DO: later", "\nlet path = \"/wo", "rk/main\";\n#[al", "low(dead_code)]"];
    let file = File::made_up("shared/app/src/lib.rs", &wrong.concat());
    assert_eq!(words::check(&[file]).len(), 3);
    let innocent = File::made_up("docs/x.md", "GET /desk/wo\u{72}k/ and the teamwork/here\n");
    assert_eq!(words::check(&[innocent]), []);
}

#[test]
fn files_have_one_subject() {
    none(check_length(&files::all(), LONG));
    let long = File::made_up("shared/app/src/all.rs", &"\n".repeat(601));
    assert_eq!(check_length(std::slice::from_ref(&long), &[]).len(), 1);
    assert_eq!(check_length(&[long], &[("shared/app/src/all.rs", "a table")]), []);
    assert_eq!(check_length(&[], &[("shared/app/src/gone.rs", "")]).len(), 1);
}

#[test]
fn functions_are_short() {
    none(check_functions(&files::all(), LONG_FUNCTIONS));
    let long =
        format!("fn short() {{\n}}\n\npub async fn long(\n) {{\n{}}}\n", "    a();\n".repeat(60));
    let file = [File::made_up("shared/app/src/x.rs", &long)];
    assert_eq!(check_functions(&file, &[]).len(), 1);
    assert_eq!(check_functions(&file, &[("shared/app/src/x.rs", "long", "a table")]), []);
    assert_eq!(check_functions(&file, &[("shared/app/src/x.rs", "gone", "")]).len(), 2);
}

#[test]
fn rules_read_no_clock_and_no_world() {
    none(check_purity(&files::all()));
    let wrong = "let now = chrono::Utc::now();\n// std::env is for adapters\n";
    assert_eq!(check_purity(&[File::made_up("shared/domain/src/x.rs", wrong)]).len(), 1);
}

#[test]
fn handlers_leave_the_runtime_to_others() {
    none(check_runtime(&files::all()));
    let wrong = "use tokio::time;\n#[cfg(test)]\nmod tests { use tokio::time; }\n";
    assert_eq!(check_runtime(&[File::made_up("functions/sweep/src/lib.rs", wrong)]).len(), 1);
    assert_eq!(check_runtime(&[File::made_up("functions/sweep/src/main.rs", wrong)]), []);
}

#[test]
fn only_two_functions_name_what_sends() {
    none(check_sending(&files::all()));
    let wrong = "let mailer = aws::ses::SesMailer::new();\n";
    assert_eq!(check_sending(&[File::made_up("functions/desk/src/main.rs", wrong)]).len(), 1);
    assert_eq!(check_sending(&[File::made_up("functions/sweep/src/main.rs", wrong)]), []);
}
