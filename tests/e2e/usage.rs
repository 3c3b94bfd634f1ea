//! The command line's help and its exit codes.

use crate::kit::millora;

/// The orders that the help of `path` lists.
fn orders(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Órdenes:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_order_has_help_in_spanish() {
    let mut paths = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(path) = paths.pop() {
        for flag in ["--help", "-h"] {
            let output = millora().args(&path).arg(flag).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{path:?} {flag}");
            let help = String::from_utf8(output.stdout).unwrap();
            assert!(help.contains("Uso: "), "{path:?}: {help}");
            in_spanish(&help);
            if flag == "--help" {
                seen += 1;
                for order in orders(&help) {
                    paths.push(path.iter().cloned().chain([order]).collect());
                }
            }
        }
    }
    assert!(seen > 46, "only {seen} orders were found");
}

#[test]
fn what_is_not_understood_is_told_in_spanish_with_code_2() {
    let table: [(&[&str], &[&str]); 15] = [
        (&["volar"], &["No existe la orden «volar»", "Uso: millora <ORDEN>"]),
        (&["tiket"], &["No existe la orden «tiket»", "¿Quiso decir «ticket»?"]),
        (&["ticket"], &["Uso: millora ticket", "Abre un ticket."]),
        (&["ticket", "open"], &["Falta: --subject <ASUNTO>, --text <TEXTO>"]),
        (&["ticket", "open", "--subject"], &["Falta el valor de --subject <ASUNTO>"]),
        (
            &["ticket", "open", "--subject", "a", "--text", "b", "--description", "c"],
            &["Falta: --critical <OPERACIÓN>"],
        ),
        (&["desk", "work", "--view", "todo"], &["«todo» no es un valor de --view", "due, warned"]),
        (&["desk", "escalate", "FERRE-7K2QX9RD-I", "9"], &["<NIVEL>", "senior, emergency"]),
        (&["desk", "find"], &["Falta: ", "--words <PALABRAS>"]),
        (&["up", "--port", "70000"], &["«70000»", "--port <PUERTO>", "entre 0 y 65535"]),
        (&["mail", "send", "--text", "a"], &["Falta: --subject <ASUNTO>"]),
        (&["mail", "send", "--file", "a", "--text", "b"], &["--file <ARCHIVO>", "no va junto con"]),
        (&["mail", "show", "uno"], &["«uno» no sirve como <N>: no es un número entero"]),
        (&["clock", "set", "2026-11-20T10:00:00"], &["le falta el desfase"]),
        (&["explain", "--rapido"], &["Aquí no va «--rapido»"]),
    ];
    for (args, words) in table {
        let output = millora().args(args).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
        for word in words {
            assert!(told.contains(word), "{args:?} does not say {word}: {told}");
        }
        in_spanish(&told);
    }
}

fn in_spanish(told: &str) {
    let clap =
        ["Usage:", "Commands:", "Options:", "OPTIONS", "COMMAND", "Print help", "possible values"];
    for english in clap.into_iter().chain(["default:", "env:", "error:", "For more", "invalid"]) {
        assert!(!told.contains(english), "{english}:\n{told}");
    }
}
