//! `millora doctor`: the desk on this machine, and what becomes of a stack that cannot be asked.

use std::fs;

use crate::kit::{Desk, FRIDAY, millora};

#[test]
fn a_desk_that_is_well_and_one_where_something_was_left_lying() {
    let mut desk = Desk::start(FRIDAY);
    let output = desk.run(&["doctor"]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.starts_with("La mesa de esta máquina: 5 en orden, 0 por arreglar"), "{told}");
    desk.kill();
    // What nobody could take, as the functions set it aside.
    fs::write(desk.file("blobs").join("poison-2fmalo"), "no es un correo").unwrap();
    desk.up();
    let output = desk.run(&["doctor", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert_eq!(told["well"], false);
    let wrong = told["findings"].as_array().unwrap().iter().filter(|it| it["level"] == "wrong");
    let about: Vec<_> = wrong.map(|it| it["about"].as_str().unwrap()).collect();
    assert_eq!(about, ["Correo apartado"]);
}

#[test]
fn without_the_program_that_asks_the_exit_code_says_so() {
    let nowhere = tempfile::tempdir().unwrap();
    let order = ["doctor", "--stack", "millora", "--region", "us-east-1"];
    let output = millora().args(order).env("PATH", nowhere.path()).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("instale la AWS CLI"), "{told}");
}
