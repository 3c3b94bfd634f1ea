//! Assumptions carried out in the copy, through the doors of the functions that are deployed.

use app::auth::{self, Principal};
use app::client::{self, CalendarVersion, VERSIONS_MAX};
use app::codec::{Document, Stored};
use app::commit::{Commit, Condition, Write};
use app::item::Key;
use app::ports::{Clock as _, Query, Store as _};
use app::{Failure, account, keys};
use axum::http::Method;
use domain::billing::Month;
use domain::calendar::{HolidayOverride, OverrideKind};
use domain::terms::{Parameters, Version, resolve};
use domain::{ClientId, Instant, NaiveDate};
use serde_json::{Value, json};

use super::SimulateError;
use super::assume::{Assumed, Assumption};
use super::door;
use super::happening::Happening;
use super::world::World;

/// What versions that are assumed are called.
const ID: &str = "supuesto";
/// What a day that is assumed to be a holiday is called.
const NAME: &str = "Día festivo supuesto";

impl World {
    /// Does what is assumed, now. What the rules refuse is told, and the simulation goes on.
    ///
    /// # Errors
    /// When something underneath does not answer.
    pub(super) async fn assume(&mut self, assumption: &Assumption) -> Result<(), SimulateError> {
        match &assumption.what {
            Assumed::ClientReply { ticket, by, text, still_fails } => {
                let principal = Principal::Spoc { client: ticket.client(), spoc: by.clone() };
                let token = auth::issue(self.env.as_ref(), principal).await?;
                let body = json!({ "text": text, "still_fails": still_fails });
                self.post(&format!("/tickets/{ticket}/messages"), &token, &body).await?;
            }
            Assumed::DeskReply { ticket, kind, text } => {
                let token = self.desk.clone();
                let body = json!({ "kind": kind, "text": text });
                self.post(&format!("/desk/tickets/{ticket}/replies"), &token, &body).await?;
            }
            Assumed::Payment { client, amount, value_date, month } => {
                let now = self.env.clock.now();
                let day = value_date.unwrap_or_else(|| now.date());
                let month = month.map(|month| month.to_string());
                let reference = format!("{ID}-{}", now.millis());
                let body = json!({
                    "reference": reference, "amount": amount, "value_date": day, "month": month,
                });
                self.account(client, "payments", &body).await?;
            }
            Assumed::NoPayment { client, month } => self.unpaid(client, *month).await?,
            Assumed::Holiday { date, source } => self.holiday(*date, source).await?,
            Assumed::Terms { client, valid_from, set } => {
                self.terms(client, *valid_from, set).await?;
            }
        }
        self.settle().await
    }

    async fn account(
        &mut self,
        client: &ClientId,
        act: &str,
        body: &Value,
    ) -> Result<(), SimulateError> {
        let token = self.desk.clone();
        self.post(&format!("/desk/accounts/{client}/{act}"), &token, body).await
    }

    /// The bank takes back every payment that settles a month.
    async fn unpaid(&mut self, client: &ClientId, month: Month) -> Result<(), SimulateError> {
        let env = self.env.as_ref();
        let loaded = account::load(env, client).await?;
        let Some(view) = loaded.view() else { return Ok(()) };
        let allocation = view.allocation(env.clock.now());
        let allocation = allocation.map_err(|error| Failure::Fault(error.to_string()))?;
        let parts = allocation.months.get(&month).into_iter().flatten();
        let mut paid: Vec<String> = parts.map(|part| part.reference.clone()).collect();
        paid.dedup();
        for reference in paid {
            self.account(client, "reversals", &json!({ "reference": reference })).await?;
        }
        Ok(())
    }

    async fn post(&mut self, path: &str, token: &str, body: &Value) -> Result<(), SimulateError> {
        let answer = door::ask(&self.env, (Method::POST, path), token, body).await?;
        if !answer.is_done() {
            let now = self.env.clock.now();
            self.happened.push(Happening::refused(now, path, &answer.body));
        }
        Ok(())
    }

    /// The list of holidays with one more, known from now on.
    async fn holiday(&self, date: NaiveDate, source: &str) -> Result<(), SimulateError> {
        let now = self.env.clock.now();
        let known: Vec<Version<CalendarVersion>> = self.versions(keys::CALENDARS).await?;
        let mut overrides =
            resolve(&known, now, now).map_or_else(Vec::new, |known| known.value.overrides.clone());
        overrides.push(HolidayOverride {
            date,
            kind: OverrideKind::Added,
            name: NAME.to_owned(),
            source: source.to_owned(),
            effective_from: now,
        });
        let id = format!("{ID}-{}", known.len() + 1);
        let key = Key::new(keys::CALENDARS, format!("V#{id}"));
        self.put(key, version(id, now, now, CalendarVersion { overrides })).await
    }

    /// A version of the póliza's terms in which some are others, known from now on.
    async fn terms(
        &self,
        client: &ClientId,
        valid_from: Instant,
        set: &Parameters,
    ) -> Result<(), SimulateError> {
        let now = self.env.clock.now();
        let file = client::load(self.env.as_ref(), client).await?.ok_or(Failure::NotFound)?;
        let plan = resolve(&file.plans, valid_from, now).map(|plan| plan.value.clone());
        let value = with(&plan.unwrap_or_default(), set)?;
        let id = format!("{ID}-{}", file.plans.len() + 1);
        self.put(keys::terms(client, &id), version(id, valid_from, now, value)).await
    }

    async fn versions<T>(&self, pk: &str) -> Result<Vec<Version<T>>, SimulateError>
    where
        Version<T>: Document,
    {
        let query = Query::new(pk, "V#", VERSIONS_MAX);
        let page = self.env.store.query(&query).await.map_err(Failure::from)?;
        let read = |item| Stored::<Version<T>>::read(item).map(|stored| stored.doc);
        Ok(page.items.iter().map(read).collect::<Result<_, _>>()?)
    }

    async fn put<T: Document>(&self, key: Key, doc: T) -> Result<(), SimulateError> {
        let item = Stored::new(doc).item(key, self.env.settings.write_schema)?;
        let writes = vec![Write::Put { item, when: Condition::Absent }];
        Ok(self.env.store.commit(&Commit { writes }).await.map_err(Failure::from)?)
    }
}

const fn version<T>(id: String, valid_from: Instant, known_from: Instant, value: T) -> Version<T> {
    Version { id, valid_from, valid_to: None, known_from, value }
}

/// Parameters in which those that `set` says are others.
fn with(plan: &Parameters, set: &Parameters) -> Result<Parameters, Failure> {
    let fault = |error: serde_json::Error| Failure::Fault(error.to_string());
    let mut merged = serde_json::to_value(plan).map_err(fault)?;
    let set = serde_json::to_value(set).map_err(fault)?;
    if let (Value::Object(merged), Value::Object(set)) = (&mut merged, set) {
        merged.extend(set);
    }
    serde_json::from_value(merged).map_err(fault)
}
