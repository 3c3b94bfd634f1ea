//! How a client's entry becomes known: nothing is overwritten, and saying it twice changes nothing
//! (1.2, 2.2, G6).

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use domain::client::{
    Acceptance, ChangeFault, Changes, Client, ClientContent, ClientEntry, ClientNotice,
    Designation, Implementer, Known, MailDomain, Module, SpocChange, Start, changes, differences,
    known_from, starts, told,
};
use domain::contacts::in_sequence;
use domain::terms::{
    Centavos, MasterOverride, MasterOverrides, Parameters, Stretch, Version, resolve,
};
use domain::{ClientId, Instant, ModuleName, NaiveDate, Power, Spoc, SpocId};

fn day(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(&format!("{text}T00:00:00-06:00")).unwrap()
}

fn stretch(from: &str, to: Option<&str>, fee: i64) -> Stretch<Parameters> {
    let value = Parameters {
        start: Some(Some(day("2026-01-01"))),
        fee: Some(Some(Centavos(fee))),
        ..Parameters::default()
    };
    Stretch { valid_from: at(from), valid_to: to.map(at), value }
}

fn spoc(id: &str, powers: &[Power]) -> Spoc {
    Spoc {
        id: SpocId::parse(id).unwrap(),
        name: id.to_owned(),
        emails: vec![format!("{id}@acme.example")],
        phones: Vec::new(),
        valid_from: at("2026-01-01"),
        valid_to: None,
        powers: powers.to_vec(),
        designated_by: None,
        known_from: None,
        known_until: None,
    }
}

fn entry(plans: Vec<Stretch<Parameters>>) -> ClientEntry {
    let client = Client {
        id: ClientId::parse("ACME").unwrap(),
        name: "Acme".to_owned(),
        domains: Vec::new(),
        modules: Vec::new(),
        acceptance: None,
    };
    ClientEntry { client, spocs: vec![spoc("ana", &[Power::Open])], plans, overrides: Vec::new() }
}

/// What is known of a client after some entries.
#[derive(Default)]
struct Memory {
    client: Option<Client>,
    spocs: Vec<Spoc>,
    plans: Vec<Version<Parameters>>,
    overrides: Vec<Version<MasterOverrides>>,
}

impl Memory {
    fn known(&self) -> Known<'_> {
        let (client, spocs) = (self.client.as_ref(), self.spocs.as_slice());
        Known { client, spocs, plans: &self.plans, overrides: &self.overrides }
    }

    fn say(&mut self, entry: &ClientEntry, now: &str) -> Result<Changes, ChangeFault> {
        let from = known_from(&self.known(), at(now));
        let changes = changes(&self.known(), entry, from)?;
        self.client = changes.client.clone().or(self.client.take());
        let mut spocs = std::mem::take(&mut self.spocs);
        spocs.extend(changes.spocs.clone());
        self.spocs = in_sequence(spocs);
        self.plans.extend(changes.plans.clone());
        self.overrides.extend(changes.overrides.clone());
        // Saying it again, whenever, changes nothing.
        let later = known_from(&self.known(), at("2050-01-01"));
        assert_eq!(domain::client::changes(&self.known(), entry, later), Ok(Changes::default()));
        Ok(changes)
    }

    /// The fee at an instant, as it was known at another.
    fn fee(&self, on: &str, known: &str) -> Option<i64> {
        let plan = resolve(&self.plans, at(on), at(known))?;
        plan.value.fee.flatten().map(|fee| fee.0)
    }
}

#[test]
fn terms_are_followed_and_never_overwritten() {
    let mut memory = Memory::default();
    memory.say(&entry(vec![stretch("2026-01-01", None, 100)]), "2026-01-01").unwrap();
    // A rise from July, known in May; taken back in June; then the póliza is to end in October.
    let rise =
        vec![stretch("2026-01-01", Some("2026-07-01"), 100), stretch("2026-07-01", None, 120)];
    memory.say(&entry(rise), "2026-05-01").unwrap();
    memory.say(&entry(vec![stretch("2026-01-01", None, 100)]), "2026-06-01").unwrap();
    memory.say(&entry(vec![stretch("2026-01-01", Some("2026-10-01"), 100)]), "2026-06-15").unwrap();
    for (on, known, fee) in [
        ("2025-12-31", "2026-06-15", None),
        ("2026-08-01", "2025-12-31", None),
        ("2026-08-01", "2026-01-01", Some(100)),
        ("2026-06-30", "2026-05-01", Some(100)),
        ("2026-08-01", "2026-05-01", Some(120)),
        ("2026-08-01", "2026-06-01", Some(100)),
        ("2026-11-01", "2026-06-01", Some(100)),
        ("2026-09-30", "2026-06-15", Some(100)),
        ("2026-10-01", "2026-06-15", None),
        ("2026-11-01", "2026-06-15", None),
    ] {
        assert_eq!(memory.fee(on, known), fee, "on {on} as known on {known}");
    }
}

#[test]
fn only_what_follows_a_change_is_said_again() {
    let mut memory = Memory::default();
    let three = |last| {
        vec![
            stretch("2026-01-01", Some("2026-02-01"), 1),
            stretch("2026-02-01", Some("2026-03-01"), 2),
            stretch("2026-03-01", None, last),
        ]
    };
    assert_eq!(memory.say(&entry(three(3)), "2026-01-01").unwrap().plans.len(), 3);
    assert_eq!(memory.say(&entry(three(4)), "2026-01-02").unwrap().plans.len(), 1);
    // Without its third stretch the second is the last word again.
    let ends = memory.say(&entry(three(4)[..2].to_vec()), "2026-01-03").unwrap().plans;
    assert_eq!(ends.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["0005"]);
    assert_eq!(memory.fee("2026-03-01", "2026-01-03"), None);
}

#[test]
fn what_was_promised_keeps_its_terms() {
    let mut memory = Memory::default();
    memory.say(&entry(vec![stretch("2026-01-01", None, 100)]), "2026-01-01").unwrap();
    let later = entry(vec![stretch("2026-02-01", None, 100)]);
    assert_eq!(memory.say(&later, "2026-03-01"), Err(ChangeFault::BeginsLater(at("2026-01-01"))));
    let mut moved = entry(vec![stretch("2026-01-01", None, 100)]);
    moved.plans[0].value.start = Some(Some(day("2025-06-01")));
    assert_eq!(memory.say(&moved, "2026-03-01"), Err(ChangeFault::StartMoved(day("2026-01-01"))));
}

#[test]
fn a_spoc_who_is_named_no_more_ends_and_comes_back() {
    let mut memory = Memory::default();
    let plans = || vec![stretch("2026-01-01", None, 100)];
    memory.say(&entry(plans()), "2026-01-01").unwrap();
    let mut without = entry(plans());
    without.spocs = vec![spoc("beto", &[Power::Open])];
    let told = memory.say(&without, "2026-02-01").unwrap().spocs;
    assert_eq!(told.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["beto", "ana"]);
    let may = |memory: &Memory, id: &str, on: &str| {
        memory.spocs.iter().any(|it| it.id.as_str() == id && it.may(Power::Open, at(on)))
    };
    assert!(may(&memory, "ana", "2026-01-31") && !may(&memory, "ana", "2026-02-01"));
    assert!(!may(&memory, "beto", "2026-01-31") && may(&memory, "beto", "2026-02-01"));
    memory.say(&entry(plans()), "2026-03-01").unwrap();
    assert!(may(&memory, "ana", "2026-03-01") && !may(&memory, "beto", "2026-03-01"));
    assert!(!may(&memory, "ana", "2026-02-15"), "what was known then stays so");
}

#[test]
fn documents_are_known_as_a_whole() {
    let mut memory = Memory::default();
    let mut said = entry(vec![stretch("2026-01-01", None, 100)]);
    let document = |name: &str| MasterOverride {
        parameters: Parameters::default(),
        document: name.to_owned(),
        valid_from: day("2026-01-01"),
        valid_to: None,
    };
    assert_eq!(memory.say(&said, "2026-01-01").unwrap().overrides, None);
    said.overrides = vec![document("uno"), document("dos")];
    memory.say(&said, "2026-01-02").unwrap();
    said.overrides = vec![document("dos")];
    // At the same instant as the last one: it is known right after it.
    let last = memory.say(&said, "2026-01-02").unwrap().overrides.unwrap();
    assert_eq!(last.known_from.millis(), at("2026-01-02").millis() + 1);
    assert_eq!(memory.overrides.len(), 2);
}

#[test]
fn differences_are_told_without_names_and_addresses() {
    let mut memory = Memory::default();
    let mut said = entry(vec![stretch("2026-01-01", None, 100)]);
    memory.say(&said, "2026-01-01").unwrap();
    said.client.name = "Acme del Norte".to_owned();
    said.spocs[0].emails = vec!["ana.robles@acme.example".to_owned()];
    said.spocs[0].powers.clear();
    said.spocs.push(spoc("beto", &[Power::Open, Power::AuthoriseCost]));
    said.plans =
        vec![stretch("2026-01-01", Some("2026-07-01"), 100), stretch("2026-07-01", None, 12_000)];
    let known = memory.known();
    let changes = changes(&known, &said, at("2026-05-01")).unwrap();
    assert_eq!(
        differences(&known, &changes),
        [
            "Cambia el nombre del cliente",
            "Contacto ana: direcciones; facultades: eran solicitar soporte, son ninguna facultad",
            "Contacto nuevo: beto (solicitar soporte, autorizar costos)",
            "Póliza desde jue 1 ene 2026, 00:00 h hasta mié 1 jul 2026, 00:00 h: cambia su fin",
            "Póliza desde mié 1 jul 2026, 00:00 h: fee = $120.00 MXN (era $1.00 MXN)",
        ]
    );
    let told: Vec<_> = told(&known, &said, &changes, at("2026-05-01"))
        .into_iter()
        .map(|notice| (notice.to.to_string(), notice.content))
        .collect();
    let others = |spoc: &str, what| ClientContent::SpocsChanged {
        changes: vec![SpocChange { spoc: SpocId::parse(spoc).unwrap(), what }],
    };
    let expected = [
        ("ana".to_owned(), others("beto", Designation::Begun)),
        ("beto".to_owned(), others("ana", Designation::Changed)),
    ];
    assert_eq!(told, expected);
}

/// Another póliza after the first one has a first day of its own, known since it was entered; it can be moved
/// until it has come.
#[test]
fn a_coming_poliza_may_be_moved_and_one_that_began_may_not() {
    let mut memory = Memory::default();
    let of = |start: &str, fee| {
        let mut both =
            vec![stretch("2026-01-01", Some("2027-01-01"), 1), stretch(start, None, fee)];
        both[1].value.start = Some(Some(day(start)));
        entry(both)
    };
    memory.say(&entry(vec![stretch("2026-01-01", None, 1)]), "2026-01-01").unwrap();
    memory.say(&of("2027-03-01", 2), "2026-10-01").unwrap();
    memory.say(&of("2027-03-01", 3), "2026-11-01").unwrap();
    let known = |day_of, since| Start { day: day(day_of), known_from: at(since) };
    let first = known("2026-01-01", "2026-01-01");
    assert_eq!(starts(&memory.plans), [first, known("2027-03-01", "2026-10-01")]);
    memory.say(&of("2027-04-01", 3), "2027-02-28").unwrap();
    assert_eq!(starts(&memory.plans), [first, known("2027-04-01", "2027-02-28")]);
    let moved = Err(ChangeFault::StartMoved(day("2027-04-01")));
    assert_eq!(memory.say(&of("2027-05-01", 3), "2027-04-01"), moved);
    // The first one never may, not even before it comes.
    let mut ahead = Memory::default();
    ahead.say(&entry(vec![stretch("2026-01-01", None, 1)]), "2025-06-01").unwrap();
    let mut other = entry(vec![stretch("2026-01-01", None, 1)]);
    other.plans[0].value.start = Some(Some(day("2026-01-02")));
    let moved = ChangeFault::StartMoved(day("2026-01-01"));
    assert_eq!(ahead.say(&other, "2025-07-01"), Err(moved));
    assert_eq!(moved.place(), "plans[0].start");
    assert_eq!(ChangeFault::BeginsLater(at("2026-01-01")).place(), "plans[0].valid_from");
}

/// Whose designation ends is a version of him that is known from then on; whoever had ended before is not
/// ended again.
#[test]
fn a_designation_ends_once() {
    let mut memory = Memory::default();
    let mut all = entry(vec![stretch("2026-01-01", None, 100)]);
    for (id, until) in [("beto", "2026-02-01"), ("caro", "2026-02-02")] {
        let valid_to = Some(at(until));
        all.spocs.push(Spoc { valid_to, ..spoc(id, &[Power::Open]) });
    }
    memory.say(&all, "2026-01-01").unwrap();
    let alone = entry(vec![stretch("2026-01-01", None, 100)]);
    let changes = memory.say(&alone, "2026-02-01").unwrap();
    assert!(!changes.is_empty() && Changes::default().is_empty());
    let ended: Vec<_> =
        changes.spocs.iter().map(|it| (it.id.as_str(), it.known_from, it.valid_to)).collect();
    let from = Some(at("2026-02-01"));
    assert_eq!(ended, [("caro", from, from)]);
}

#[test]
fn everything_that_differs_is_a_sentence() {
    let mut memory = Memory::default();
    let domain = |name: &str, spf: Option<&str>| MailDomain {
        name: name.to_owned(),
        spf_suffices: spf.map(str::to_owned),
    };
    let document = |name: &str, to: Option<&str>| MasterOverride {
        parameters: Parameters { fee: Some(Some(Centavos(5_000))), ..Parameters::default() },
        document: name.to_owned(),
        valid_from: day("2026-02-01"),
        valid_to: to.map(day),
    };
    let mut said = entry(vec![stretch("2026-01-01", None, 100)]);
    said.client.domains = vec![domain("acme.example", None), domain("viejo.example", None)];
    said.overrides = vec![document("CM-1", None)];
    memory.say(&said, "2026-01-01").unwrap();
    said.client.domains =
        vec![domain("acme.example", Some("lo pidió")), domain("nuevo.example", None)];
    said.client.modules = vec![Module {
        technical_name: ModuleName::parse("account").unwrap(),
        active_from: day("2026-01-01"),
        active_to: None,
        implemented_by: Implementer::Millora,
    }];
    said.client.acceptance = Some(Acceptance {
        spoc: SpocId::parse("ana").unwrap(),
        edition: "ed-1".to_owned(),
        at: at("2026-01-05"),
        act: "acto".to_owned(),
    });
    said.overrides = vec![document("CM-2", Some("2026-12-31"))];
    let told = |memory: &Memory, said: &ClientEntry| {
        let known = memory.known();
        differences(&known, &changes(&known, said, at("2026-05-01")).unwrap())
    };
    let all = [
        "Cambia si basta SPF para el dominio acme.example",
        "Dominio nuevo: nuevo.example",
        "Dominio que deja de ser suyo: viejo.example",
        "Cambian los módulos: eran 0, son 1",
        "Aceptación del acuerdo: ana, lun 5 ene 2026, 00:00 h",
        "Contrato Marco: fee = $50.00 MXN desde el domingo 1 de febrero de 2026 hasta el jueves 31 de \
         diciembre de 2026 (CM-2)",
        "Contrato Marco, ya no rige: fee = $50.00 MXN desde el domingo 1 de febrero de 2026 (CM-1)",
    ];
    assert_eq!(told(&memory, &said), all);
    // What stays as it is is no difference.
    memory.say(&said, "2026-05-01").unwrap();
    said.client.name = "Acme del Norte".to_owned();
    said.overrides.push(document("CM-3", None));
    assert_eq!(
        told(&memory, &said),
        [
            "Cambia el nombre del cliente",
            "Contrato Marco: fee = $50.00 MXN desde el domingo 1 de febrero de 2026 (CM-3)",
        ]
    );
    assert_eq!(memory.overrides.last().map(|it| it.id.as_str()), Some("0002"));
}

/// Whoever holds afterwards is told, and of whoever is named no more as well.
#[test]
fn who_holds_is_told_of_the_others() {
    let mut memory = Memory::default();
    let mut said = entry(vec![stretch("2026-01-01", None, 100)]);
    said.spocs.push(spoc("beto", &[Power::Open]));
    memory.say(&said, "2026-01-01").unwrap();
    said.spocs.retain(|it| it.id.as_str() != "beto");
    for (id, from, until) in [
        ("past", "2026-01-01", Some("2026-05-01")),
        ("last", "2026-01-01", Some("2026-05-02")),
        ("next", "2026-05-01", None),
        ("ahead", "2026-05-02", None),
    ] {
        let (valid_from, valid_to) = (at(from), until.map(at));
        said.spocs.push(Spoc { valid_from, valid_to, ..spoc(id, &[]) });
    }
    let known = memory.known();
    let changes = changes(&known, &said, at("2026-05-01")).unwrap();
    let told = told(&known, &said, &changes, at("2026-05-01"));
    let to: Vec<_> = told.iter().map(|it| it.to.as_str()).collect();
    assert_eq!(to, ["ana", "last", "next"]);
    let ClientContent::SpocsChanged { changes } = &told[0].content else { panic!("{told:?}") };
    let what: Vec<_> = changes.iter().map(|it| (it.spoc.as_str(), it.what)).collect();
    let begun = ["past", "last", "next", "ahead"].map(|id| (id, Designation::Begun));
    assert_eq!(what, [&begun[..], &[("beto", Designation::Ended)]].concat());
}

/// The ledger knows a notice by the word under which it is stored: that word stays (G11).
#[test]
fn a_notice_is_known_by_its_kind() {
    let url = "https://millora.example/anexo-3".to_owned();
    let effective_at = at("2026-12-01");
    for (kind, content) in [
        ("spocs_changed", ClientContent::SpocsChanged { changes: Vec::new() }),
        ("edition_published", ClientContent::EditionPublished { n: 3, url, effective_at }),
    ] {
        assert_eq!(content.kind(), kind);
        assert_eq!(serde_json::to_value(&content).unwrap()["kind"], kind);
    }
}

/// Of two notices that differ in what, when or to whom each is told, and the same one is told once (G11).
#[test]
fn the_same_cause_has_the_same_id() {
    let url = "https://millora.example/anexo-3".to_owned();
    let [first, last] = ["2026-12-01", "2026-12-02"].map(at);
    let edition = |n| ClientContent::EditionPublished { n, url: url.clone(), effective_at: last };
    let notice = |to, due, content| {
        let [acme, ferre] = ["ACME", "FERRE"].map(|client| ClientId::parse(client).unwrap());
        let notice = ClientNotice { to: SpocId::parse(to).unwrap(), due, content };
        assert_ne!(notice.id(&acme), notice.id(&ferre));
        notice.id(&acme)
    };
    let id = notice("ana", first, edition(3));
    assert_eq!(id, notice("ana", first, edition(3)));
    assert_eq!(id.len(), 32);
    assert_ne!(id, notice("luis", first, edition(3)));
    assert_ne!(id, notice("ana", last, edition(3)));
    assert_ne!(id, notice("ana", first, ClientContent::SpocsChanged { changes: Vec::new() }));
}
