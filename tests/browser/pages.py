"""The pages of action links on a phone: from the mail to the act, looked at and judged.

Called by `tests/browser/run` with the binary and a folder for the pictures.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

from browser import Browser

MILLORA, OUT = sys.argv[1], pathlib.Path(sys.argv[2])
AXE = (OUT / "package" / "axe.min.js").read_text()
# A Tuesday, half an hour after the cut-off: the same day is offered until 17:00.
START = "2026-11-17T14:30:00-06:00"
SUMMARY = "No timbra la factura"


class Bundle:
    """The whole system in one process, with a clock that stands still."""

    def __init__(self, home):
        self.home = home
        args = [MILLORA, "up", "--port", "0", "--smtp-port", "0", "--clock-start", START, "--clock-frozen"]
        args += ["--data", home]
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()

    def millora(self, *args):
        done = subprocess.run([MILLORA, *args, "--profiles", f"{self.home}/profiles.toml"], capture_output=True, text=True)
        assert done.returncode == 0, f"{args}: {done.stderr}{done.stdout}"
        return done.stdout

    def ticket(self):
        told = self.millora("ticket", "open", "--subject", SUMMARY, "--text", "Error 301.")
        return re.search(r"^[A-Z0-9]+-[0-9A-Z]{8}-[0-9A-Z]", told).group()

    def comes_in(self, who, subject, *more):
        """A mail to the support mailbox, with what the mail service finds about it."""
        self.millora("mail", "send", "--from", who, "--subject", subject, "--text", "Error 301.", *more)

    def link(self, ticket, label, mailbox="ana.robles@"):
        """The newest link of that name in the mails of a ticket; of any mail where none is named."""
        lines = self.millora("mail", "list").splitlines()
        for line in reversed([it for it in lines if ticket in it and mailbox in it]):
            number = re.search(r" h\s+(\d+)\s", line).group(1)
            text = self.millora("mail", "show", number)
            found = re.search(rf"^{re.escape(label)}: (\S+/a/\S+)$", text, re.MULTILINE)
            if found:
                return found.group(1)
        raise AssertionError(f"no mail of {ticket} has the link «{label}»:\n" + "\n".join(lines))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def judged(browser, name):
    """A picture, the rules of accessibility, and what a narrow screen and a strict policy ask."""
    browser.picture(OUT / f"{name}.png")
    complaints = browser.complaints()
    assert complaints == [], f"{name}: {complaints}"
    wide = browser.run("return document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, f"{name} scrolls sideways"
    for css, least in (("button", 44), (".choice", 44)):
        low = browser.run(
            "return [...document.querySelectorAll(arguments[0])]"
            ".map(it => it.getBoundingClientRect().height).filter(it => it < arguments[1])",
            css,
            least,
        )
        assert low == [], f"{name}: {css} is too low for a finger: {low}"
    browser.run(AXE + "; window.axe = axe;")
    found = browser.run_async(
        "const done = arguments[0];"
        "axe.run(document).then(it => done(it.violations.map(v => [v.id, v.impact, v.help,"
        " v.nodes.map(n => n.target.join(' '))])));"
    )
    assert found == [], f"{name}: {json.dumps(found, indent=1)}"
    assert browser.run("return document.documentElement.lang") == "es-MX"
    assert browser.count("h1") == 1 and browser.count("main") == 1
    asked = [url for url in browser.requested() if not url.startswith(("http://127.0.0.1", "data:"))]
    assert asked == [], f"{name} asks elsewhere: {asked}"
    print(f"  {name}: «{browser.title()}»")


def says(browser, *words):
    text = browser.text()
    for word in words:
        assert word in text, f"the page does not say «{word}»:\n{text}"


def cost(bundle, browser):
    ticket = bundle.ticket()
    accept, decline = (bundle.link(ticket, f"{it} el mismo día") for it in ("Aceptar", "Rechazar"))
    browser.open(decline)
    says(browser, "No hay costo")
    judged(browser, "rechazar")
    browser.open(accept)
    says(browser, "Actúa como", "Ana Robles", "impuestos incluidos", "hora de la Ciudad de México")
    judged(browser, "aceptar")
    # With the keyboard alone: the first stop is the button.
    browser.keys("\ue004")
    assert browser.run("return document.activeElement.tagName") == "BUTTON"
    browser.leaves(lambda: browser.keys("\ue007"))
    says(browser, "Atención el mismo día aceptada")
    judged(browser, "aceptado")
    browser.open(accept)
    says(browser, "Este enlace ya se usó")
    judged(browser, "usado")
    browser.open(decline)
    says(browser, "La aceptación es definitiva")
    assert browser.count("button") == 0
    judged(browser, "definitiva")


def critical(bundle, browser):
    ticket = bundle.ticket()
    browser.open(bundle.link(ticket, "Declarar crítica"))
    judged(browser, "declarar")
    # The browser itself asks for the two answers before it sends anything.
    assert browser.run("return document.querySelector('form').checkValidity()") is False
    browser.click("label[for=o-other]")
    browser.click("label[for=d-no]")
    assert browser.count(":checked") == 2
    browser.submit()
    says(browser, "solo si impide por completo", "Describa con sus palabras")
    judged(browser, "declarar-faltas")
    assert browser.count("#o-other:checked") == 1
    browser.click("label[for=d-si]")
    browser.type("textarea", "El portal de proveedores no abre para nadie.")
    browser.submit()
    says(browser, "declarada crítica")
    judged(browser, "declarada")


def solved(bundle, browser):
    ticket = bundle.ticket()
    bundle.millora("desk", "solve", ticket, "Renovamos el certificado.")
    fails, fine = (bundle.link(ticket, it) for it in ("Sigue fallando", "Quedó resuelto"))
    browser.open(fails)
    judged(browser, "sigue-fallando")
    browser.submit()
    says(browser, "Recibimos su aviso")
    judged(browser, "aviso-recibido")
    browser.open(fine)
    judged(browser, "resuelto")
    assert "cerrado" not in bundle.millora("ticket", "show", ticket).split("\n\n")[0]
    browser.submit()
    says(browser, "quedó cerrado", "Puede reabrirse antes de")
    judged(browser, "cerrado")
    browser.open(fine[:-1] + ("0" if fine[-1] != "0" else "1"))
    says(browser, "No reconocemos este enlace")
    judged(browser, "ajeno")


def sent_it(bundle, browser):
    spoofed = ("--verdict", "dmarc=FAIL policy=none")
    for subject in ("No timbra desde hoy", "Cambie la cuenta del proveedor"):
        bundle.comes_in("ana.robles@ferretera.example", subject, *spoofed)
    link = bundle.link("", "Sí, lo envié yo")
    browser.open(link)
    says(browser, "Ana Robles, de Ferretera del Bajío", "«No timbra desde hoy»", "Sí, yo envié los 2")
    judged(browser, "lo-envie")
    browser.leaves(lambda: browser.click(".mail button"))
    says(browser, "Gracias, quedó confirmado", "Los demás siguen en espera", "FERRE-")
    judged(browser, "confirmado")
    browser.open(link)
    browser.submit()
    says(browser, "No tiene que hacer nada más")
    browser.open(link)
    says(browser, "Este enlace ya se usó")
    assert browser.count("button") == 0
    judged(browser, "confirmados")


def adopt(bundle, browser):
    bundle.comes_in("pedro.almada@ferretera.example", "El almacén no surte")
    link = bundle.link("", "Revisar y adoptar")
    browser.open(link)
    says(browser, "pedro.almada@ferretera.example", "«El almacén no surte»", "Puede adoptarlo antes del")
    judged(browser, "adoptar")
    browser.submit()
    says(browser, "Gracias, quedó adoptado", "FERRE-")
    judged(browser, "adoptado")
    browser.open(link)
    says(browser, "Este enlace ya se usó", "por Ana Robles")
    judged(browser, "ya-adoptado")


def expired(bundle, browser):
    ticket = bundle.ticket()
    accept = bundle.link(ticket, "Aceptar el mismo día")
    bundle.millora("clock", "set", "2026-11-17T17:00:00-06:00")
    browser.open(accept)
    says(browser, "Este enlace ya venció", "17:00 h")
    judged(browser, "vencido")


def main():
    with tempfile.TemporaryDirectory() as home:
        with Bundle(home + "/data") as bundle, Browser() as browser:
            for scene in (cost, critical, solved, sent_it, adopt, expired):
                print(f"== {scene.__name__}")
                scene(bundle, browser)
    print("== the pages hold on a phone")


main()
