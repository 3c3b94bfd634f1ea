//! The desk on this machine, from what it says of itself.

use serde_json::Value;

use super::Finding;

/// What the local desk's own answer says.
pub(crate) fn judge(answer: &Value) -> Vec<Finding> {
    let count = |key: &str| answer[key].as_u64().unwrap_or_default();
    let mut findings = Vec::new();
    let spanish = answer["now"]["spanish"].as_str().unwrap_or("?");
    let frozen = answer["now"]["frozen"] == true;
    let stands = if frozen { ", detenido: avanza con «millora clock»" } else { "" };
    findings.push(Finding::good("Reloj", format!("{spanish}{stands}")));
    findings.push(match count("overdue") {
        0 => Finding::good("Vencimientos", "ninguno atrasado"),
        late => Finding::wrong(
            "Vencimientos",
            format!("{late} siguen pendientes tras dos barridos"),
            "Vea en la terminal de «millora up» por qué no se pudieron trabajar.",
        ),
    });
    findings.push(match count("waiting_mail") {
        0 => Finding::good("Correo por procesar", "ninguno atrasado"),
        late => Finding::wrong(
            "Correo por procesar",
            format!("{late} siguen en la carpeta inbound tras dos barridos"),
            "Vea en la terminal de «millora up» por qué no se pudieron leer.",
        ),
    });
    findings.push(match count("poisoned_mail") {
        0 => Finding::good("Correo apartado", "ninguno"),
        set_aside => Finding::wrong(
            "Correo apartado",
            format!("{set_aside} no se pudieron procesar"),
            "Véalos con «millora desk mails --list poison» y repítalos con «millora desk mail retry».",
        ),
    });
    findings.push(match count("failed_notices") {
        0 => Finding::good("Avisos", "ninguno sin entregar"),
        failed => Finding::wrong(
            "Avisos",
            format!("{failed} no llegaron a su destino"),
            "Véalos con «millora desk notices» y envíelos otra vez con «millora desk resend».",
        ),
    });
    findings
}
