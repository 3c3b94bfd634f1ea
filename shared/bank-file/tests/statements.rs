//! What is made of a bank's file: of a good one, of absurd and hostile ones, and of a very long one.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::io::{BufReader, Cursor, Read};

use bank_file::{
    Decimal, Deposit, FILE_LINES_MAX, Found, LINE_BYTES_MAX, Mapping, Mention, Movement,
    PIECE_BYTES_MAX, PIECE_LINES_MAX, PieceError, Pieces, Sender, Statement, count_lines,
};
use domain::terms::Centavos;
use domain::{ClientId, NaiveDate};
use proptest::prelude::*;

fn mapping() -> Mapping {
    Mapping {
        encoding: "utf-8".to_owned(),
        delimiter: ',',
        skip_lines: 0,
        header: true,
        date: "Fecha".to_owned(),
        date_format: "%d/%m/%Y".to_owned(),
        reference: "Referencia".to_owned(),
        concept: Some("Concepto".to_owned()),
        amount: "Abono".to_owned(),
        decimal: Decimal::Point,
        kind: None,
        deposits: Vec::new(),
        senders: Vec::new(),
    }
}

const HEADER: &str = "Fecha,Referencia,Concepto,Abono\n";

fn read(mapping: &Mapping, file: &[u8]) -> Result<Vec<Movement>, Vec<String>> {
    Statement::open(mapping, file).map(Iterator::collect)
}

/// The only movement of a file with this line under the header.
fn line(text: &str) -> Found {
    let mut movements = read(&mapping(), format!("{HEADER}{text}\n").as_bytes()).unwrap();
    assert_eq!(movements.len(), 1, "{text}");
    movements.remove(0).found
}

fn words(codes: &[&str]) -> Vec<Mention> {
    codes.iter().map(|code| Mention::Word(ClientId::parse(code).unwrap())).collect()
}

#[test]
fn a_deposit_is_read_whole() {
    let found = line("05/12/2026,SPEI-1,\"Pago, póliza ACME\",\"11,600.00\"");
    let expected = Deposit {
        reference: "SPEI-1".to_owned(),
        value_date: NaiveDate::from_ymd_opt(2026, 12, 5).unwrap(),
        amount: Centavos(1_160_000),
        mentions: words(&["ACME"]),
    };
    assert_eq!(found, Found::Deposit(expected));
}

#[test]
fn each_bad_line_says_what_is_wrong_with_it_and_loses_no_other() {
    let long = "x".repeat(LINE_BYTES_MAX + 1);
    let many: String = (0..99).map(|n| format!("A{n} ")).collect();
    let many = format!("05/12/2026,R,{many},1.00");
    let table: &[(&str, &str)] = &[
        ("31/02/2026,R,ACME,1.00", "fecha «31/02/2026» no se entiende"),
        ("2026-12-05,R,ACME,1.00", "se espera %d/%m/%Y"),
        ("05/12/26,R,ACME,1.00", "fuera de 2007 a 2050"),
        ("05/12/2026,R,ACME,\"1.160,00\"", "cantidad «1.160,00» no se entiende"),
        ("05/12/2026,R,ACME,mucho", "cantidad «mucho» no se entiende"),
        ("05/12/2026,R,ACME,=CMD|' /C calc'!A0", "es una fórmula"),
        ("05/12/2026,=HYPERLINK(1),ACME,1.00", "es una fórmula, no una referencia"),
        ("05/12/2026,,ACME,1.00", "no trae referencia"),
        ("05/12/2026,ñandú,ACME,1.00", "no puede guardarse"),
        ("05/12/2026,R,ACME", "tiene 3 columnas y el encabezado 4"),
        ("05/12/2026,R,ACME,1,1.00", "tiene 5 columnas y el encabezado 4"),
        ("05/12/2026,R,\"ACME,1.00", "unas comillas se abren y no se cierran"),
        ("05/12/2026,R,A\0CME,1.00", "bytes nulos"),
        ("mal,,ACME,mal", "no trae referencia"),
        (&many, "demasiadas palabras"),
        (&long, "pasa de 16384 bytes"),
    ];
    let mut file = HEADER.to_owned();
    for (n, (bad, _)) in table.iter().enumerate() {
        file.push_str(&format!("{bad}\r\n\n05/12/2026,OK-{n},ACME,1.00\n"));
    }
    let movements = read(&mapping(), file.as_bytes()).unwrap();
    assert_eq!(movements.len(), 2 * table.len());
    for (n, ((_, expected), pair)) in table.iter().zip(movements.chunks(2)).enumerate() {
        let Found::Faulty(faults) = &pair[0].found else { panic!("line {n}: {:?}", pair[0]) };
        assert!(faults.join("; ").contains(expected), "{expected}: {faults:?}");
        let Found::Deposit(deposit) = &pair[1].found else {
            panic!("after line {n}: {:?}", pair[1])
        };
        assert_eq!(deposit.reference, format!("OK-{n}"));
        let first = u32::try_from(2 + 3 * n).unwrap();
        assert_eq!((pair[0].line, pair[1].line), (first, first + 2), "blank lines are counted");
    }
    let Found::Faulty(all) = line("mal,,ACME,mal") else { panic!() };
    assert_eq!(all.len(), 3, "every fault of a line at once: {all:?}");
}

#[test]
fn what_went_out_is_no_deposit() {
    for amount in ["-1.00", "(1.00)", "1.00-", "0.00", "", "  "] {
        assert_eq!(line(&format!("05/12/2026,R,ACME,{amount}")), Found::NotADeposit, "«{amount}»");
    }
    let of_kind = Mapping {
        kind: Some("Concepto".to_owned()),
        deposits: vec!["depósito".to_owned()],
        ..mapping()
    };
    let file = format!("{HEADER}05/12/2026,A,DEPOSITO ,1.00\n05/12/2026,B,Cargo,1.00\n");
    let movements = read(&of_kind, file.as_bytes()).unwrap();
    assert!(matches!(movements[0].found, Found::Deposit(_)));
    assert_eq!(movements[1].found, Found::NotADeposit);
}

#[test]
fn a_file_in_another_encoding_is_told_and_not_guessed() {
    let text = "Fecha,Referencia,Descripción,Abono\n05/12/2026,R,pensión ACME,1.00\n";
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let of = |encoding: &str| Mapping {
        encoding: encoding.to_owned(),
        concept: Some("descripcion".to_owned()),
        ..mapping()
    };
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for (encoding, file) in [
        ("windows-1252", latin.as_slice()),
        ("latin1", &latin),
        ("utf-8", text.as_bytes()),
        ("UTF-8", &marked),
    ] {
        let movements = read(&of(encoding), file).unwrap();
        let Found::Deposit(deposit) = &movements[0].found else { panic!("{movements:?}") };
        assert!(deposit.mentions.contains(&words(&["PENSION"])[0]), "{encoding}");
    }
    let wide: Vec<u8> = "\u{feff}Fecha".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (encoding, file, expected) in [
        ("utf-8", latin.as_slice(), "encabezado (línea 1): no está escrita en utf-8"),
        ("windows-1252", text.as_bytes(), "falta la columna «descripcion»"),
        ("windows-1252", &marked, "dice estar escrito en UTF-8"),
        ("utf-8", &wide, "UTF-16LE"),
        ("utf-16", text.as_bytes(), "no se conoce esa codificación"),
        ("klingon", text.as_bytes(), "no se conoce esa codificación"),
    ] {
        let faults = read(&of(encoding), file).unwrap_err().join("; ");
        assert!(faults.contains(expected), "{encoding}: {faults}");
    }
    // A header that fits both is no help: then the line says it.
    let mut file = HEADER.as_bytes().to_vec();
    file.extend_from_slice(b"05/12/2026,R,pensi\xf3n ACME,1.00\n05/12/2026,S,ACME,1.00\n");
    let movements = read(&mapping(), &file).unwrap();
    let Found::Faulty(faults) = &movements[0].found else { panic!("{movements:?}") };
    assert!(faults[0].contains("no está escrita en utf-8"), "{faults:?}");
    assert!(matches!(movements[1].found, Found::Deposit(_)));
}

#[test]
fn a_header_that_does_not_fit_is_told_at_once() {
    let faults = read(&mapping(), b"Fecha,Concepto,Concepto,Cargo\n").unwrap_err().join("; ");
    for expected in ["«Referencia»", "«Abono»", "varias columnas «Concepto»", "Hay: FECHA"] {
        assert!(faults.contains(expected), "{expected}: {faults}");
    }
    for empty in [&b""[..], b"\n", b"\xef\xbb\xbf"] {
        assert!(read(&mapping(), empty).is_err());
    }
    let by_place = Mapping { concept: Some("#3".to_owned()), ..mapping() };
    assert!(read(&by_place, b"Fecha,Referencia,Concepto,Concepto,Abono\n").is_ok());
}

#[test]
fn a_file_without_a_header_is_read_by_places() {
    let bare = Mapping {
        header: false,
        skip_lines: 1,
        delimiter: ';',
        date: "#1".to_owned(),
        reference: "#4".to_owned(),
        concept: None,
        amount: "#2".to_owned(),
        decimal: Decimal::Comma,
        ..mapping()
    };
    let movements = read(&bare, b"Banco\n05/12/2026;1.160,50;x;R\n06/12/2026;1\n").unwrap();
    let Found::Deposit(deposit) = &movements[0].found else { panic!("{movements:?}") };
    assert_eq!((deposit.amount, movements[0].line), (Centavos(116_050), 2));
    assert_eq!(movements[1].found, Found::Faulty(vec!["falta la columna 4".to_owned()]));
}

#[test]
fn every_fault_of_a_mapping_is_told_at_once() {
    let wrong = Mapping {
        encoding: "x".to_owned(),
        delimiter: 'a',
        skip_lines: 9_999,
        header: false,
        date_format: "%d/%Y".to_owned(),
        reference: " ".to_owned(),
        kind: Some("#1".to_owned()),
        senders: vec![Sender { words: "--".to_owned(), client: ClientId::parse("ACME").unwrap() }],
        ..mapping()
    };
    let faults: Vec<_> = wrong.faults().into_iter().map(|fault| fault.at).collect();
    let expected = [
        "encoding",
        "delimiter",
        "skip_lines",
        "date_format",
        "date",
        "reference",
        "concept",
        "amount",
        "deposits",
        "senders",
    ];
    assert_eq!(faults, expected);
    for format in ["%Y-%m-%d", "%d%m%Y", "%d/%m/%y", "%d.%m.%Y"] {
        let mapping = Mapping { date_format: format.to_owned(), ..mapping() };
        assert!(mapping.faults().is_empty(), "{format}");
    }
    for format in ["", "hoy", "%d", "%q", "%m/%Y", "%"] {
        let mapping = Mapping { date_format: format.to_owned(), ..mapping() };
        assert_eq!(mapping.faults().len(), 1, "{format}");
    }
}

#[test]
fn a_sender_of_the_mapping_means_his_client_and_his_words_mean_nobody_else() {
    let client = ClientId::parse("FERRE").unwrap();
    let sender = Sender { words: "ferretera del bajio".to_owned(), client: client.clone() };
    let mapping = Mapping { senders: vec![sender], ..mapping() };
    let file = format!("{HEADER}05/12/2026,R,\"Ferretera del Bajío, ACME\",1.00\n");
    let movements = read(&mapping, file.as_bytes()).unwrap();
    let Found::Deposit(deposit) = &movements[0].found else { panic!("{movements:?}") };
    // BAJIO may be a client too; the company's name does not mean him.
    assert_eq!(deposit.mentions, [words(&["ACME"])[0].clone(), Mention::Sender(client)]);
}

#[test]
fn the_example_of_a_statement_is_read() {
    let mapping = Mapping {
        encoding: "windows-1252".to_owned(),
        skip_lines: 3,
        date: "Fecha valor".to_owned(),
        reference: "Clave de rastreo".to_owned(),
        amount: "Importe".to_owned(),
        kind: Some("Movimiento".to_owned()),
        deposits: vec!["Abono".to_owned(), "Depósito".to_owned()],
        ..mapping()
    };
    let file = include_bytes!("../../../events/bank/banco-del-centro.csv");
    let movements = read(&mapping, file).unwrap();
    let kinds: Vec<(u32, char)> = movements
        .iter()
        .map(|it| match &it.found {
            Found::Deposit(_) => (it.line, '+'),
            Found::NotADeposit => (it.line, '-'),
            Found::Faulty(_) => (it.line, '?'),
        })
        .collect();
    let expected: Vec<(u32, char)> = (5..).zip("-+++++".chars().chain("+?+?".chars())).collect();
    assert_eq!(kinds, expected);
}

/// The header and so many lines, made as they are read.
fn long_file(lines: u32) -> impl Read {
    const ROW: &[u8] = b"05/12/2026,R,ACME,1.00\n";
    struct Rows(usize);
    impl Read for Rows {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let length = into.len().min(self.0);
            for (at, byte) in into[..length].iter_mut().enumerate() {
                *byte = ROW[(at + ROW.len() - self.0 % ROW.len()) % ROW.len()];
            }
            self.0 -= length;
            Ok(length)
        }
    }
    Cursor::new(HEADER).chain(Rows(ROW.len() * lines as usize))
}

#[test]
fn a_million_lines_go_by_in_pieces_that_never_grow() {
    let lines = FILE_LINES_MAX - 1;
    assert_eq!(count_lines(BufReader::new(long_file(lines))).unwrap(), FILE_LINES_MAX);
    let mut pieces = Pieces::of(BufReader::new(long_file(lines)), 1).unwrap();
    let mapping = mapping();
    let (mut deposits, mut expected) = (0, 2);
    while let Some(piece) = pieces.next_piece().unwrap() {
        assert!(
            piece.bytes.len() <= PIECE_BYTES_MAX && piece.bytes.capacity() < 2 * PIECE_BYTES_MAX
        );
        for movement in Statement::open(&mapping, &piece.bytes).unwrap() {
            assert_eq!(movement.line + piece.skipped, expected);
            assert!(matches!(movement.found, Found::Deposit(_)));
            (deposits, expected) = (deposits + 1, expected + 1);
        }
    }
    assert_eq!(deposits, lines);
    let told = count_lines(BufReader::new(long_file(FILE_LINES_MAX))).unwrap_err();
    assert!(matches!(told, PieceError::TooManyLines));
    assert!(told.to_string().contains("1000000 líneas"), "{told}");
}

#[test]
fn a_line_without_an_end_is_cut_and_told() {
    let endless = "x".repeat(3 * PIECE_BYTES_MAX);
    let file = format!("{HEADER}{endless}\n05/12/2026,R,ACME,1.00\n");
    let mut pieces = Pieces::of(Cursor::new(file), 1).unwrap();
    let piece = pieces.next_piece().unwrap().unwrap();
    let movements = read(&mapping(), &piece.bytes).unwrap();
    let Found::Faulty(faults) = &movements[0].found else { panic!("{movements:?}") };
    assert!(faults[0].contains("pasa de 16384 bytes"), "{faults:?}");
    assert!(matches!(movements[1].found, Found::Deposit(_)), "{movements:?}");
    assert_eq!(pieces.next_piece().unwrap(), None);
    let only_head = Pieces::of(Cursor::new(HEADER), 1).unwrap().next_piece().unwrap().unwrap();
    assert_eq!((only_head.bytes.as_slice(), only_head.skipped), (HEADER.as_bytes(), 0));
    let head = Pieces::of(Cursor::new(format!("{}\n", "x\n".repeat(PIECE_BYTES_MAX))), 200_000);
    assert!(matches!(head.err(), Some(PieceError::HeadTooLong)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_bytes_are_told_line_by_line_and_in_pieces_alike(
        lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..1_200),
    ) {
        let mut file = HEADER.as_bytes().to_vec();
        for line in &lines {
            file.extend(line.iter().map(|b| if *b == b'\n' { b',' } else { *b }));
            file.push(b'\n');
        }
        let mapping = mapping();
        let whole = read(&mapping, &file).unwrap();
        let mut pieces = Pieces::of(Cursor::new(file), 1).unwrap();
        let mut in_pieces = Vec::new();
        let mut count = 0;
        while let Some(piece) = pieces.next_piece().unwrap() {
            count += 1;
            let found = read(&mapping, &piece.bytes).unwrap();
            in_pieces.extend(found.into_iter().map(|it| Movement { line: it.line + piece.skipped, ..it }));
        }
        prop_assert_eq!(whole, in_pieces);
        prop_assert_eq!(count, lines.len().div_ceil(PIECE_LINES_MAX as usize).max(1));
    }
}
