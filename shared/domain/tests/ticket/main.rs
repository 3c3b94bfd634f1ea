//! The ticket, clause by clause, with the agreement's own words beside the tables; then properties of
//! any history.

mod clause_1;
mod clause_10;
mod clause_1_mail;
mod clause_1_participants;
mod clause_2;
mod clause_4;
mod clause_7_clocks;
mod clause_7_offers;
mod clause_7_pauses;
mod clause_9_closing;
mod clause_9_held;
mod clause_9_late;
mod clause_9_levels;
mod clause_9_reopening;
mod evidence;
mod facts;
mod history;
mod keeping;
mod kit;
mod notices;
mod properties;
mod recalculation;
mod run;
mod sending;
mod stopwatch;
