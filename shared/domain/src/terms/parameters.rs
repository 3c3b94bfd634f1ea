//! The one table of named parameters: type, default, clause, rule and meaning.
//!
//! Where the agreement is silent or can be read in two ways, the reading is a parameter with a
//! default. Everything else about parameters (the values of one layer, the resolved terms, their
//! names) is generated from this table, so that none can be forgotten.

use core::num::NonZeroU8;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::values::{
    AnnulmentClock, AutoCloseMode, BusinessDays, EmergencyHours, EmergencySurcharge, NaturalDays,
    Percent, Proration, SameDayExtended, Shown, Span,
};
use super::{Centavos, Layer, Layered, MasterOverride, Modality};
use crate::calendar::{ContractedHours, MinuteOfDay};
use crate::explanation::Used;

macro_rules! parameters {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident $field:ident: $kind:ty = $default:expr,
            clause $clause:literal, rule $rule:literal, $spanish:literal;
    )+) => {
        /// What one layer sets: the edition, a póliza, or a document of the Contrato Marco. What is
        /// absent is left to the layers below.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Parameters {
            $(
                $(#[doc = $doc])+
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$kind>,
            )+
        }

        /// The terms that hold: every parameter with its value and the layer that won (G5).
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Terms {
            $(
                $(#[doc = $doc])+
                pub $field: Layered<$kind>,
            )+
        }

        /// The name of a parameter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Parameter {
            $(
                $(#[doc = $doc])+
                $variant,
            )+
        }

        impl Parameter {
            /// Every parameter, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in data and in documents.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($field)),+ }
            }

            /// The clause of the agreement that it fills in.
            #[must_use]
            pub const fn clause(self) -> u8 {
                match self { $(Self::$variant => $clause),+ }
            }

            /// The rule that reads it.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule),+ }
            }

            /// What it means, in Spanish.
            #[must_use]
            pub const fn spanish(self) -> &'static str {
                match self { $(Self::$variant => $spanish),+ }
            }

            /// How its value is written in data, with an example.
            #[must_use]
            pub const fn form(self) -> &'static str {
                match self { $(Self::$variant => <$kind as Shown>::FORM),+ }
            }

            /// The product's default in words, in Spanish.
            #[must_use]
            pub fn default_shown(self) -> String {
                match self { $(Self::$variant => Shown::shown(&default::$field())),+ }
            }
        }

        impl Parameters {
            /// Which parameters it sets, in the order of the table.
            #[must_use]
            pub fn set(&self) -> Vec<Parameter> {
                let mut set = Vec::new();
                $(if self.$field.is_some() { set.push(Parameter::$variant); })+
                set
            }

            /// What it says of a parameter, in words; none where it says nothing.
            #[must_use]
            pub fn shown(&self, parameter: Parameter) -> Option<String> {
                match parameter {
                    $(Parameter::$variant => self.$field.as_ref().map(Shown::shown),)+
                }
            }
        }

        mod default {
            use super::*;
            $(
                pub(super) fn $field() -> $kind {
                    $default
                }
            )+
        }

        impl Terms {
            /// The product's defaults alone.
            #[must_use]
            pub fn product() -> Self {
                Self { $($field: Layered::product(default::$field())),+ }
            }

            /// Lets a higher layer replace what it sets.
            fn replace(&mut self, with: &Parameters, layer: Layer, document: Option<&str>) {
                $(self.$field.replace(with.$field.as_ref(), layer, document);)+
            }

            /// A parameter as an explanation names it: its value and the layer that won.
            #[must_use]
            pub fn used(&self, parameter: Parameter) -> Used {
                match parameter {
                    $(Parameter::$variant => Used {
                        parameter: parameter.name(),
                        value: self.$field.value.shown(),
                        layer: self.$field.layer,
                        document: self.$field.document.clone(),
                        clause: parameter.clause(),
                    }),+
                }
            }
        }
    };
}

parameters! {
    /// For how long a registered address is asked whether a mail is its own (M1a).
    ConfirmationWindow confirmation_window: BusinessDays = BusinessDays(5),
        clause 1, rule "M1a",
        "Días hábiles que tiene la dirección registrada para confirmar un correo cuyo remitente no pudo comprobarse.";
    /// For how long a colleague's mail waits to be adopted (1.2a).
    AdoptionWindow adoption_window: BusinessDays = BusinessDays(10),
        clause 1, rule "1.2a",
        "Días hábiles que espera el correo de una persona sin autorización a que un contacto autorizado lo adopte.";
    /// The contracted hours of the póliza (G3).
    ContractedHours contracted_hours: ContractedHours = ContractedHours::default(),
        clause 6, rule "G3",
        "Horario contratado: los intervalos de cada día de la semana en que Millora presta el servicio.";
    /// How support is given (5.1).
    Modality modality: Modality = Modality::Remote,
        clause 5, rule "5.1",
        "Modalidad: remota, con visitas mensuales o en planta.";
    /// Whether the póliza includes WhatsApp, which only informs (6.1, 6.3).
    Whatsapp whatsapp: bool = false,
        clause 6, rule "6.1",
        "Si la póliza incluye WhatsApp, que solo informa.";
    /// Whether the póliza includes video calls (6.1, 6.5).
    VideoCalls video_calls: bool = false,
        clause 6, rule "6.1",
        "Si la póliza incluye videollamadas programadas.";
    /// Whether the póliza includes the emergency line (6.1, 6.5).
    EmergencyLine emergency_line: bool = false,
        clause 6, rule "6.1",
        "Si la póliza incluye la línea de emergencia para incidencias críticas.";
    /// Before this time of day a request is attended the same day (7.1).
    SameDayCutoff same_day_cutoff: MinuteOfDay = MinuteOfDay::hm(14, 0),
        clause 7, rule "7.1",
        "Hora antes de la cual un ticket recibido se atiende el mismo día.";
    /// Before this time of day the same day can still be offered (7.2).
    SameDayExtendedCutoff same_day_extended_cutoff: MinuteOfDay = MinuteOfDay::hm(17, 0),
        clause 7, rule "7.2",
        "Hora antes de la cual todavía puede ofrecerse la atención el mismo día; a esa hora exacta ya es tarde.";
    /// Whether the same day can be had between the two cut-offs (7.2a).
    SameDayExtended same_day_extended: SameDayExtended = SameDayExtended::WithCost,
        clause 7, rule "7.2a",
        "Atención el mismo día entre las 14:00 y las 17:00: con costo, incluida o no disponible.";
    /// The price of the same day between the two cut-offs (7.2a).
    SameDaySurcharge same_day_surcharge: Centavos = Centavos(0),
        clause 7, rule "7.2a",
        "Costo adicional, con impuestos, de la atención el mismo día entre las 14:00 y las 17:00.";
    /// Contracted time that must remain until the limit for an offer to be made (7.2a).
    SameDayOfferMinimum same_day_offer_minimum: Span = Span::minutes(30),
        clause 7, rule "7.2a",
        "Tiempo de horario contratado que debe quedar hasta el límite para que se ofrezca el mismo día.";
    /// Whether the póliza has emergency attention (7.4).
    EmergencyAttention emergency_attention: bool = false,
        clause 7, rule "7.4",
        "Si la póliza incluye atención emergente de incidencias críticas.";
    /// How soon an emergency is attended (7.4).
    EmergencyMinutes emergency_minutes: Span = Span::minutes(30),
        clause 7, rule "7.4",
        "Plazo de la atención inmediata de una incidencia crítica.";
    /// In which hours an emergency is attended (7.4).
    EmergencyHours emergency_hours: EmergencyHours = EmergencyHours::Contracted,
        clause 7, rule "7.4",
        "Si la atención emergente corre en el horario contratado o a toda hora.";
    /// What an emergency costs (7.4a).
    EmergencySurcharge emergency_surcharge: EmergencySurcharge = EmergencySurcharge::Included,
        clause 7, rule "7.4a",
        "Costo adicional de la atención emergente: incluida o con un monto, con impuestos.";
    /// How long after the page an emergency's cost can be accepted, at least (7.4a).
    EmergencyCostWindow emergency_cost_window: Span = Span::minutes(60),
        clause 7, rule "7.4a",
        "Tiempo después del llamado en que todavía puede aceptarse el costo de la atención emergente.";
    /// At which part of the time to the target the desk is warned (7.10).
    WarningPercent warning_percent: Percent = Percent::new(75).expect("75 lies between 1 and 100"),
        clause 7, rule "7.10",
        "Parte del tiempo hasta el objetivo a la que se avisa a la mesa de soporte.";
    /// When the desk is reminded of a question that the client has not answered (7.7).
    InformationReminders information_reminders: Vec<BusinessDays> = vec![BusinessDays(2), BusinessDays(5), BusinessDays(10)],
        clause 7, rule "7.7",
        "Días hábiles tras los que se recuerda al cliente la información o el acceso que se le pidió.";
    /// How long SES may take to accept a reply that then counts at its commit (G15).
    AcceptanceGrace acceptance_grace: Span = Span::minutes(30),
        clause 7, rule "G15",
        "Plazo en que el correo debe aceptar una respuesta para que cuente desde que se escribió.";
    /// How long after an act it may be recorded without a second person (2.1a).
    LateRecording late_recording: Span = Span::minutes(30),
        clause 2, rule "2.1a",
        "Tiempo después de un acto (una llamada) en que puede registrarse sin una segunda persona.";
    /// How often the desk is reminded of a ticket in Odoo's hands (3.1).
    UpstreamChase upstream_chase: BusinessDays = BusinessDays(3),
        clause 3, rule "3.1",
        "Cada cuántos días hábiles se da seguimiento a una incidencia escalada a Odoo S.A.";
    /// How soon a WhatsApp message is answered, in contracted time (6.2).
    WhatsappReply whatsapp_reply: Span = Span::hours(4),
        clause 6, rule "6.2",
        "Tiempo máximo de respuesta por WhatsApp, en horario contratado.";
    /// How the 48 hours after a solution run (9.2).
    AutoClose auto_close: AutoCloseMode = AutoCloseMode::Natural,
        clause 9, rule "9.2",
        "Cómo corren las 48 horas tras una solución: naturales, o naturales con al menos un día contratado completo.";
    /// How long a client may be silent after a solution before the ticket closes (9.2).
    SolutionSilence solution_silence: Span = Span::hours(48),
        clause 9, rule "9.2",
        "Tiempo sin respuesta tras una solución después del cual el ticket se considera cerrado.";
    /// How long after a solution the client is reminded (9.2).
    SolutionReminder solution_reminder: Span = Span::hours(24),
        clause 9, rule "9.2",
        "Tiempo tras una solución en que se recuerda al cliente que el ticket se cerrará.";
    /// Contracted time that must lie between a guarded reminder and the closing (9.2).
    GuardedReminderMinimum guarded_reminder_minimum: Span = Span::hours(4),
        clause 9, rule "9.2",
        "Tiempo de horario contratado que debe quedar entre el recordatorio y el cierre, en el modo con día completo.";
    /// For how long a held message blocks the closing (9.6).
    HeldBlock held_block: BusinessDays = BusinessDays(5),
        clause 9, rule "9.6",
        "Días hábiles que un mensaje retenido detiene, como máximo, el cierre de su ticket.";
    /// For how long after the closing a reply reopens the ticket (9.7).
    ReopeningWindow reopening_window: BusinessDays = BusinessDays(5),
        clause 9, rule "9.7",
        "Días hábiles después del cierre en que una respuesta reabre el ticket.";
    /// The monthly fee of the póliza, tax included; none until it is recorded (10.1, 10.2).
    Fee fee: Option<Centavos> = None,
        clause 10, rule "10.1",
        "Mensualidad de la póliza, con impuestos.";
    /// The póliza's first day, from which its months and terms are counted (10.1, 10.8).
    Start start: Option<NaiveDate> = None,
        clause 10, rule "10.8",
        "Primer día de la póliza, desde el que se cuentan sus meses y sus periodos.";
    /// How many months a term of the póliza has (10.8).
    TermMonths term_months: Option<NonZeroU8> = None,
        clause 10, rule "10.8",
        "Meses de cada periodo de la póliza.";
    /// Whether the póliza renews by itself: an act of the client, without a default (10.8).
    AutoRenew auto_renew: Option<bool> = None,
        clause 10, rule "10.8",
        "Si el cliente eligió la renovación automática.";
    /// Until the end of which natural day a month can be paid in time (10.1).
    DueDay due_day: NaturalDays = natural(5),
        clause 10, rule "10.1",
        "Día natural hasta cuyo final puede pagarse el mes, contado desde el primer día que se cobra de ese mes.";
    /// How the first and the last month are charged (10.1).
    Proration proration: Proration = Proration::ByDays,
        clause 10, rule "10.1",
        "Cómo se cobran el primer y el último mes: por días naturales o completos.";
    /// How much may lack for a month to be paid all the same (10.2).
    PaymentTolerance payment_tolerance: Centavos = Centavos(0),
        clause 10, rule "10.2",
        "Cantidad que puede faltar para que el mes se considere pagado.";
    /// How clocks run over a suspension that was annulled (10.2a).
    AnnulmentClock annulment_clock: AnnulmentClock = AnnulmentClock::Count,
        clause 10, rule "10.2a",
        "Cómo corren los plazos durante una suspensión que un pago registrado después dejó sin efecto.";
    /// How long before a suspension the last notice is recorded, at least (10.3).
    SuspensionNotice suspension_notice: Span = Span::hours(14),
        clause 10, rule "10.3",
        "Tiempo mínimo entre el último aviso de pago y la suspensión.";
    /// The time of day of the notices of payment and renewal (10.4, 10.8).
    NoticesHour notices_hour: MinuteOfDay = MinuteOfDay::hm(9, 0),
        clause 10, rule "10.4",
        "Hora local a la que se envían los avisos de pago y de renovación.";
    /// The natural day of the reminder of payment (10.4).
    PaymentReminderDay payment_reminder_day: NaturalDays = natural(3),
        clause 10, rule "10.4",
        "Día natural en que se recuerda el pago del mes, contado desde el primer día que se cobra de ese mes.";
    /// Whether the póliza becomes active again by itself when what is owed is paid (10.6).
    AutoReactivate auto_reactivate: bool = false,
        clause 10, rule "10.6",
        "Si la póliza suspendida por falta de pago se reactiva sola al cubrirse el adeudo.";
    /// How long before a renewal the client's notice of non-renewal must arrive (10.8).
    RenewalNoticeDays renewal_notice_days: NaturalDays = natural(5),
        clause 10, rule "10.8",
        "Días naturales de anticipación con que el cliente avisa que no renueva.";
    /// How long before a renewal the client is told of it (10.8).
    RenewalReminderDays renewal_reminder_days: Vec<NaturalDays> = vec![natural(15), natural(8)],
        clause 10, rule "10.8",
        "Días naturales antes de la renovación en que se avisa al cliente que la póliza se renueva o termina.";
    /// How long a new edition is published before it is in force (14).
    EditionNoticeDays edition_notice_days: NaturalDays = natural(30),
        clause 14, rule "14",
        "Días naturales de publicación de una nueva edición del acuerdo antes de que entre en vigor.";
}

impl Parameter {
    /// What a póliza is: it has no default, and only its own client agrees to it, so that no edition says it
    /// for all (10.1, 10.8).
    pub const OF_EACH_PLAN: [Self; 4] = [Self::AutoRenew, Self::Fee, Self::Start, Self::TermMonths];
}

/// A default of the table; the counts written there lie between 1 and 366.
const fn natural(days: u16) -> NaturalDays {
    NaturalDays::new(days).expect("a default counts at least one day")
}

impl Terms {
    /// Resolves every parameter through the layers for a local day: Contrato Marco, then póliza,
    /// then edition, then product (G5). Of several overrides that hold on that day and set the
    /// same parameter, the one that began last wins, then the one that stands last in the list.
    #[must_use]
    pub fn resolve(
        edition: Option<&Parameters>,
        plan: &Parameters,
        overrides: &[MasterOverride],
        on: NaiveDate,
    ) -> Self {
        let mut terms = Self::product();
        if let Some(edition) = edition {
            terms.replace(edition, Layer::Edition, None);
        }
        terms.replace(plan, Layer::Plan, None);
        let mut holding: Vec<&MasterOverride> =
            overrides.iter().filter(|one| one.holds_on(on)).collect();
        holding.sort_by_key(|one| one.valid_from);
        for one in holding {
            terms.replace(&one.parameters, Layer::MasterAgreement, Some(&one.document));
        }
        terms
    }
}
