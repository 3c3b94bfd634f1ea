//! What a mail costs from bytes to class, proof and folded text. Figures are printed, never asserted:
//! the aim is 15 µs and 2 µs per KB for a mail, and 50 ms for a bomb of 40 MB.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use domain::inbound::{ProofTerms, proof};
use mail::inbound::{Stamp, content_digest, marks, parse, report, signs, verdicts};
use mail::outbound::Sender;
use tests_hostile::bombs;

static MAILS: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events/mail");
    let entries = std::fs::read_dir(folder).expect("the examples lie beside the code");
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| path.extension().is_some_and(|it| it == "eml"))
        .filter_map(|path| {
            Some((path.file_stem()?.to_str()?.to_owned(), std::fs::read(&path).ok()?))
        })
        .collect()
});

fn main() {
    divan::main();
}

/// What is found in a mail before the store is asked who its sender is.
fn take(raw: &[u8], ours: &Sender) -> usize {
    let Ok(mail) = parse(raw) else { return 0 };
    let found = verdicts(&Stamp::of(&mail), None);
    let proven = proof(&found, mail.author.for_proof(), ProofTerms::default());
    let signs = signs(&mail, ours, None);
    let marks = marks(&mail, ours, None);
    black_box((proven, signs, marks, report(&mail, ours), content_digest(&mail)));
    mail.text.visible().len()
}

fn ours() -> Sender {
    Sender::new("soporte", "soporte.millora.example", "https://m.example")
        .expect("the settings are sound")
}

/// Every example, one after the other: the figure is for all of them.
#[divan::bench]
fn all_examples(bencher: Bencher<'_, '_>) {
    let ours = ours();
    let bytes: usize = MAILS.values().map(Vec::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| MAILS.values().map(|raw| take(raw, &ours)).sum::<usize>());
}

#[divan::bench(args = ["gmail-web-nuevo", "outlook-escritorio-respuesta", "dsn-postfix", "respuesta-solo-html"])]
fn one_example(bencher: Bencher<'_, '_>, name: &str) {
    let ours = ours();
    let raw = &MAILS[name];
    bencher.counter(BytesCount::new(raw.len())).bench(|| take(raw, &ours));
}

/// A mail with a long plain text: the cost per KB.
#[divan::bench(args = [1, 16, 128])]
fn long_text_kb(bencher: Bencher<'_, '_>, kb: usize) {
    let ours = ours();
    let line =
        "Al validar la nómina de la quincena aparece un error en la línea 12 del asiento.\r\n";
    let text = line.repeat(kb * 1024 / line.len());
    let raw = format!("From: ana@acme.example\r\nSubject: x\r\n\r\n{text}").into_bytes();
    bencher.counter(BytesCount::new(raw.len())).bench(|| take(&raw, &ours));
}

#[divan::bench]
fn digest_of_one(bencher: Bencher<'_, '_>) {
    let mail = parse(&MAILS["gmail-web-nuevo"]).expect("it is a mail");
    bencher.bench(|| content_digest(&mail));
}

#[divan::bench(args = bombs::all().map(|it| it.name), sample_count = 10, sample_size = 1)]
fn bomb(bencher: Bencher<'_, '_>, name: &str) {
    let ours = ours();
    let bomb = bombs::all().find(|it| it.name == name).expect("it is one of them");
    let bytes = (bomb.made)();
    bencher.counter(BytesCount::new(bytes.len())).bench(|| take(&bytes, &ours));
}
