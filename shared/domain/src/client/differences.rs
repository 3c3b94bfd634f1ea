//! What changes about a client, in words for the desk. Names, addresses and telephones are not in them:
//! they are kept as the record of the change.

use super::{
    Changes, Client, ClientContent, ClientEntry, ClientNotice, Designation, Known, SpocChange,
};
use crate::contacts::{Power, Spoc};
use crate::terms::{MasterOverride, Parameters, Version, resolve};
use crate::{Instant, NaiveDate};

/// What the changes are, each as one sentence.
#[must_use]
pub fn differences(known: &Known<'_>, changes: &Changes) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(client) = &changes.client {
        of_client(known.client, client, &mut told);
    }
    for spoc in &changes.spocs {
        told.push(of_spoc(last_of(known.spocs, spoc), spoc));
    }
    for plan in &changes.plans {
        of_plan(resolve(known.plans, plan.valid_from, plan.known_from), plan, &mut told);
    }
    if let Some(overrides) = &changes.overrides {
        let before = known.overrides.iter().max_by_key(|it| it.known_from);
        let before = before.map_or(&[][..], |it| &it.value.overrides);
        of_overrides(before, &overrides.value.overrides, &mut told);
    }
    told
}

/// Who is told of which designations: every SPoC who holds afterwards, of all but his own (1.2). Nobody
/// is told of a new client's.
#[must_use]
pub fn told(
    known: &Known<'_>,
    entry: &ClientEntry,
    changes: &Changes,
    at: Instant,
) -> Vec<ClientNotice> {
    if known.client.is_none() {
        return Vec::new();
    }
    let all: Vec<SpocChange> =
        changes.spocs.iter().map(|spoc| change_of(known, entry, spoc)).collect();
    let holds = |spoc: &&Spoc| spoc.valid_from <= at && spoc.valid_to.is_none_or(|to| at < to);
    let notices = entry.spocs.iter().filter(holds).map(|spoc| {
        let others = all.iter().filter(|it| it.spoc != spoc.id).cloned().collect();
        let content = ClientContent::SpocsChanged { changes: others };
        ClientNotice { to: spoc.id.clone(), due: at, content }
    });
    let says = |notice: &ClientNotice| match &notice.content {
        ClientContent::SpocsChanged { changes } => !changes.is_empty(),
        ClientContent::EditionPublished { .. } => true,
    };
    notices.filter(says).collect()
}

fn change_of(known: &Known<'_>, entry: &ClientEntry, spoc: &Spoc) -> SpocChange {
    let named = entry.spocs.iter().any(|it| it.id == spoc.id);
    let what = match last_of(known.spocs, spoc) {
        _ if !named => Designation::Ended,
        Some(_) => Designation::Changed,
        None => Designation::Begun,
    };
    SpocChange { spoc: spoc.id.clone(), what }
}

fn last_of<'a>(known: &'a [Spoc], spoc: &Spoc) -> Option<&'a Spoc> {
    known.iter().rev().find(|it| it.id == spoc.id)
}

fn of_client(before: Option<&Client>, now: &Client, told: &mut Vec<String>) {
    let Some(before) = before else {
        told.push(format!("Cliente nuevo: {}", now.id));
        told.extend(now.domains.iter().map(|it| format!("Dominio nuevo: {}", it.name)));
        told.extend(
            now.modules.iter().map(|it| format!("Módulo nuevo: {}", it.technical_name.as_str())),
        );
        return;
    };
    if before.name != now.name {
        told.push("Cambia el nombre del cliente".to_owned());
    }
    for domain in now.domains.iter().filter(|it| !before.domains.contains(it)) {
        let was = before.domains.iter().any(|it| it.name == domain.name);
        let what = if was { "Cambia si basta SPF para el dominio" } else { "Dominio nuevo:" };
        told.push(format!("{what} {}", domain.name));
    }
    for domain in &before.domains {
        if now.domains.iter().all(|it| it.name != domain.name) {
            told.push(format!("Dominio que deja de ser suyo: {}", domain.name));
        }
    }
    if before.modules != now.modules {
        told.push(format!(
            "Cambian los módulos: eran {}, son {}",
            before.modules.len(),
            now.modules.len()
        ));
    }
    if let Some(it) = now.acceptance.as_ref().filter(|it| before.acceptance.as_ref() != Some(it)) {
        told.push(format!("Aceptación del acuerdo: {}, {}", it.spoc, it.at.spanish_short()));
    }
}

fn of_spoc(before: Option<&Spoc>, now: &Spoc) -> String {
    let powers = |spoc: &Spoc| {
        let names: Vec<_> = spoc.powers.iter().copied().map(Power::spanish).collect();
        if names.is_empty() { "ninguna facultad".to_owned() } else { names.join(", ") }
    };
    let Some(before) = before else {
        return format!("Contacto nuevo: {} ({})", now.id, powers(now));
    };
    let mut what = Vec::new();
    if before.name != now.name {
        what.push("nombre".to_owned());
    }
    if before.emails != now.emails {
        what.push("direcciones".to_owned());
    }
    if before.phones != now.phones {
        what.push("teléfonos".to_owned());
    }
    if before.powers != now.powers {
        what.push(format!("facultades: eran {}, son {}", powers(before), powers(now)));
    }
    if before.valid_from != now.valid_from {
        what.push(format!("vigente desde {}", now.valid_from.spanish_short()));
    }
    if before.valid_to != now.valid_to {
        what.push(match now.valid_to {
            Some(to) => format!("termina el {}", to.spanish_short()),
            None => "ya no termina".to_owned(),
        });
    }
    if before.designated_by != now.designated_by {
        what.push("evidencia de su designación".to_owned());
    }
    format!("Contacto {}: {}", now.id, what.join("; "))
}

fn of_plan(
    before: Option<&Version<Parameters>>,
    now: &Version<Parameters>,
    told: &mut Vec<String>,
) {
    let until = match now.valid_to {
        Some(to) => format!(" hasta {}", to.spanish_short()),
        None => String::new(),
    };
    let stretch = format!("Póliza desde {}{until}", now.valid_from.spanish_short());
    let Some(before) = before else {
        told.push(format!("{stretch}: nueva"));
        of_parameters(&stretch, &Parameters::default(), &now.value, told);
        return;
    };
    if before.valid_to != now.valid_to {
        told.push(format!("{stretch}: cambia su fin"));
    }
    of_parameters(&stretch, &before.value, &now.value, told);
}

fn of_parameters(stretch: &str, was: &Parameters, is: &Parameters, told: &mut Vec<String>) {
    let mut names = was.set();
    names.extend(is.set());
    names.sort_unstable();
    names.dedup();
    for parameter in names {
        let shown = |of: &Parameters| of.shown(parameter).unwrap_or_else(|| "sin fijar".to_owned());
        let (was, is) = (shown(was), shown(is));
        if was != is {
            told.push(format!("{stretch}: {} = {is} (era {was})", parameter.name()));
        }
    }
}

fn of_overrides(was: &[MasterOverride], is: &[MasterOverride], told: &mut Vec<String>) {
    let day = |day: NaiveDate| crate::instant::spanish_date(day);
    let shown = |one: &MasterOverride| {
        let set: Vec<_> = one
            .parameters
            .set()
            .into_iter()
            .filter_map(|it| Some(format!("{} = {}", it.name(), one.parameters.shown(it)?)))
            .collect();
        let until = one.valid_to.map_or(String::new(), |to| format!(" hasta el {}", day(to)));
        format!("{} desde el {}{until} ({})", set.join(", "), day(one.valid_from), one.document)
    };
    let new = is.iter().filter(|it| !was.contains(it));
    told.extend(new.map(|it| format!("Contrato Marco: {}", shown(it))));
    let gone = was.iter().filter(|it| !is.contains(it));
    told.extend(gone.map(|it| format!("Contrato Marco, ya no rige: {}", shown(it))));
}
