"""Tickets through the deployed stack, from HTTP and mail to closing, and what happens when something fails.

Here, and only here, the wall clock runs: everything is looked for until a deadline.
"""

import email.message
import email.policy
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request

from cloud import LOGS, REGION, ROOT, STACK, TARGET, Cloud, Unproven, until

HERE = pathlib.Path(__file__).resolve().parent
ANA = "ana@ferretera.example"
DESK = "mesa-prueba@millora.example"

# What the emulator cannot prove, and where it is shown instead.
ELSEWHERE = """
zones of schedules            it reads every expression as UTC: tests/infra, triggers
dead letters of the Scheduler it has none: tests/infra, triggers (both paths of each timer)
checkpoints, bisect, retries  its stream knows none of them: tests/infra (the mapping), tests/scenarios (crash points)
LeadingKeys, s3:prefix        it never looks at them: tests/infra, rights (every call, both ways)
event destinations of SES     it tells nothing by itself, nor takes the rule's events: tests/infra, mail and triggers
receipt rules                 it takes none: infra/lint (cfn-lint), tests/infra, mail
headers of mails              it writes mails anew: shared/mail (snapshots of the MIME)
throttling                    it never throttles: tests/conformance (faults of each port)
groups and senders            it misreads both, which emulator.py mends: tests/infra, adapters (the requests)
speed and size                built here without link-time optimisation: the bench builds as deployed
""".strip()

# What `millora doctor` finds ill on the emulator, and rightly: the poison event in its queue; and no records
# of the mail domain, no receipt rules, indexes without a status, no recovery to an instant, no expiry, no
# zones of schedules, and an address that only a header leads to.
ILL = {
    "Cola IntakeMailFailures",
    "Dominio de correo",
    "Correo que entra",
    "Tabla",
    "Respaldo de la tabla",
    "Caducidad en la tabla",
    "Horario payment-due",
    "Horario renewal-notice",
    "Horario sweep",
    "API",
}

PROVEN = []


def proven(what):
    PROVEN.append(what)
    print(f"  [{time.strftime('%H:%M:%S')}] {what}", flush=True)


def keys_tool():
    """`infra/keys`, which makes keys."""
    path = str(ROOT / "infra/keys")
    spec = importlib.util.spec_from_loader("keys", importlib.machinery.SourceFileLoader("keys", path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prepare(cloud):
    """Keys, the first admin, a client, and everybody's credentials, as docs/deploy.md says."""
    tool = keys_tool()
    for purpose in tool.PURPOSES:
        cloud.client("ssm").put_parameter(
            Name=tool.name(STACK, purpose), Type="SecureString", Value=json.dumps([tool.fresh([])])
        )
    told = cloud.client("lambda").get_function_configuration(FunctionName=f"{STACK}-desk")
    env = cloud.env | told["Environment"]["Variables"]
    clients = [TARGET / "debug/deploy-clients", HERE / "clients.toml"]
    subprocess.run(clients, env=env, check=True)
    admin = [TARGET / "debug/millora", "first-admin", "--table", cloud.table, "--id", "rosa"]
    made = subprocess.run(
        [*admin, "--name", "Rosa Lara", "--region", REGION],
        env=cloud.env, check=True, capture_output=True, text=True,
    )
    cloud.tokens["rosa"] = made.stdout.split()[0]
    agent = {"id": "luis", "name": "Luis Ortega", "role": "agent", "active": True}
    cloud.done("rosa", "POST", "/desk/staff", agent)
    for who, holder in [("luis", {"staff": "luis"}), ("ana", {"client": "FERRE", "spoc": "ana"})]:
        cloud.tokens[who] = cloud.done("rosa", "POST", "/desk/tokens", holder)["token"]
    proven("the first admin enters a member of the desk and issues credentials")


def mail(name, subject, text):
    """A mail of Ana's with a picture, as it lies in the bucket."""
    made = email.message.EmailMessage(policy=email.policy.SMTP)
    made["From"], made["To"] = f"Ana Robles <{ANA}>", "soporte@soporte-prueba.millora.example"
    made["Subject"], made["Message-ID"] = subject, f"<{name}@ferretera.example>"
    made.set_content(text)
    made.add_attachment(name.encode(), maintype="image", subtype="png", filename="captura.png")
    return made.as_bytes()


def receipt(name):
    """The mail service's event about it."""
    passed = {"status": "PASS"}
    verdicts = ["spam", "virus", "spf", "dkim", "dmarc"]
    found = {f"{verdict}Verdict": passed for verdict in verdicts}
    ours = ["soporte@soporte-prueba.millora.example"]
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    told = {"timestamp": stamp, "source": ANA, "messageId": name}
    return {"Records": [{"eventSource": "aws:ses", "ses": {"mail": told, "receipt": {"recipients": ours} | found}}]}


def opened_by_http(cloud):
    """A ticket over HTTP, and the mails that follow from it."""
    request = {"subject": "No timbra", "text": "La factura no se timbra."}
    ticket = cloud.done("ana", "POST", "/tickets", request, key="abrir")["reference"]
    again = cloud.done("ana", "POST", "/tickets", request, key="abrir")["reference"]
    if again != ticket:
        raise Unproven("the same request made another ticket")
    until("the acknowledgement goes out", lambda: cloud.mails(ANA, ticket))
    until("the desk is told", lambda: cloud.mails(DESK, ticket))
    proven(f"a ticket over HTTP ({ticket}), once, and its two mails by the stream")
    return ticket


def filed(cloud, ticket):
    """A file, by a link that the function signed, to the bucket and back."""
    file = {"name": "captura.png", "media_type": "image/png", "size": 3}
    offered = cloud.done("ana", "POST", "/tickets/attachments", file)
    headers = offered["headers"]
    put = urllib.request.Request(offered["url"], b"PNG", headers, method=offered["method"])
    urllib.request.urlopen(put).close()
    message = {"text": "Ver captura.", "attachments": [offered["file"]["id"]]}
    cloud.done("ana", "POST", f"/tickets/{ticket}/messages", message, key="captura")
    path = f"/tickets/{ticket}/attachments/{offered['file']['id']}"
    told = cloud.done("ana", "GET", path)
    with urllib.request.urlopen(told["url"]) as answer:
        if answer.read() != b"PNG":
            raise Unproven("the file is another one")
    proven("a file, by signed links, into the bucket and back")


def opened_by_mail(cloud):
    """A mail with its event."""
    cloud.put_mail("correo-1", mail("correo-1", "Impresora", "No imprime."))
    cloud.tell("intake-mail", receipt("correo-1"))
    until("the mail is taken", lambda: "done/correo-1" in cloud.objects("done/"))
    until("its ticket is acknowledged", lambda: cloud.mails(ANA, "Impresora"))
    if cloud.objects("inbound/correo-1"):
        raise Unproven("the mail was copied and not moved")
    proven("a mail in the bucket and its event: a ticket, acknowledged, the mail moved")


def told_by_the_mail_service(cloud, ticket):
    """The service's own events for the notices of a ticket, as the rule would bring them."""
    notices = [item["sk"]["S"].removeprefix("N#") for item in cloud.items(f"T#{ticket}", "N#")]
    for kind in ["send", "delivery"]:
        event = json.loads((ROOT / f"events/ses/{kind}.json").read_text())
        for notice in notices:
            tags = event["detail"]["mail"]["tags"]
            tags["notice_id"], tags["subject"] = [notice], [f"T_{ticket}"]
            cloud.tell("mail-events", event)

    def delivered():
        states = [item.get("st", {}).get("S") for item in cloud.items(f"T#{ticket}", "N#")]
        return states and all(state == "delivered" for state in states)

    until("the notices are delivered", delivered)
    proven("the mail service's events: the notices read delivered")


def solved(cloud, ticket):
    """The desk's answer and its solution."""
    reply = f"/desk/tickets/{ticket}/replies"
    cloud.done("luis", "POST", reply, {"kind": "answer", "text": "Lo vemos."}, key="r1")
    until("the answer goes out", lambda: any("Lo vemos." in it["BodyText"] for it in cloud.mails(ANA, ticket)))
    cloud.done("luis", "POST", reply, {"kind": "solution", "text": "Reinicie."}, key="r2")
    until("the solution goes out", lambda: any("Reinicie." in it["BodyText"] for it in cloud.mails(ANA, ticket)))
    proven("the desk's answer and solution, each mailed")


def missed(cloud):
    """A call that started days ago: its target is over, and a schedule says so at once."""
    started = time.strftime("%Y-%m-%dT%H:%M:%S-06:00", time.gmtime(time.time() - 14 * 86_400))
    call = {"client": "FERRE", "spoc": "ana", "started_at": started, "subject": "Llamada", "text": "Llamó."}
    ticket = cloud.done("luis", "POST", "/desk/tickets", call, key="llamada")["reference"]
    until("the miss is told", lambda: cloud.mails(DESK, "Fuera de objetivo"), seconds=240)
    proven(f"a one-time schedule fired sla-timer: the desk reads that {ticket} missed its target")


def closed(cloud, ticket):
    """A minute of silence after the solution."""
    look = lambda: cloud.done("ana", "GET", f"/tickets/{ticket}")["state"] == "closed"
    until("the ticket closes", look, seconds=360)
    until("the closing is told", lambda: cloud.mails(ANA, "Ticket cerrado"))
    if "done/correo-2" not in cloud.objects("done/"):
        raise Unproven("a mail that waited was not taken before the closing")
    proven("a one-time schedule fired auto-close: a mail that waited was taken, the ticket closed by silence (9.2), and Ana was told")


def isolated(cloud):
    """An event that nobody can take ends in its queue; the next one is taken."""
    poison = {"Records": "ni un registro"}
    cloud.tell("intake-mail", poison)
    cloud.put_mail("correo-3", mail("correo-3", "Inventario", "No cuadra."))
    cloud.tell("intake-mail", receipt("correo-3"))
    until("the next mail is taken", lambda: "done/correo-3" in cloud.objects("done/"))
    found = until("the poison ends in its queue", lambda: cloud.waiting("IntakeMailFailures"))
    if not any("ni un registro" in body for body in found):
        raise Unproven(f"the queue does not hold the event: {found}")
    proven("a poison event ended in IntakeMailFailures with its input, and the rest went on")


def denied(cloud):
    """A role without one of its rights fails loudly, and only it."""
    iam = cloud.client("iam")
    told = cloud.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="IntakeHttpRole"
    )
    role = told["StackResourceDetail"]["PhysicalResourceId"]
    policy = iam.get_role_policy(RoleName=role, PolicyName="intake-http")["PolicyDocument"]
    less = json.loads(json.dumps(policy))
    less["Statement"] = [it for it in less["Statement"] if it["Action"] != "dynamodb:PutItem"]
    if len(less["Statement"]) != len(policy["Statement"]) - 1:
        raise Unproven("the role has no statement on dynamodb:PutItem of its own")
    put = lambda document: iam.put_role_policy(
        RoleName=role, PolicyName="intake-http", PolicyDocument=json.dumps(document)
    )
    put(less)
    request = {"subject": "Otra", "text": "Sin permiso."}
    status, answer = cloud.http("ana", "POST", "/tickets", request, key="sin")
    if status < 500:
        raise Unproven(f"without its right intake-http answered {status} {answer}")
    cloud.done("luis", "GET", "/desk/work")
    until("its log says why", lambda: cloud.logged("intake-http", "AccessDenied"))
    put(policy)
    cloud.done("ana", "POST", "/tickets", request, key="sin")
    proven(f"intake-http without dynamodb:PutItem: {status}, and its log says AccessDenied; with it again: 201")


def swept(cloud):
    """A mail whose event never came: without the event's verdicts nobody has proven its sender (M1)."""
    cloud.put_mail("correo-4", mail("correo-4", "Cobranza", "No cuadra."))
    until("the sweep takes it", lambda: "done/correo-4" in cloud.objects("done/"), seconds=600)
    held = cloud.done("luis", "GET", "/desk/mails?list=held")["mails"]
    if "correo-4" not in [one["id"] for one in held]:
        raise Unproven(f"the mail is not held: {held}")
    cloud.done("luis", "POST", "/desk/mails/correo-4/release", {"reason": "Lo confirmó por teléfono."})
    subjects = [it["subject"] for it in cloud.done("ana", "GET", "/tickets")["tickets"]]
    if "Cobranza" not in subjects:
        raise Unproven(f"the mail opened no ticket: {subjects}")
    proven("the sweep, by its cron, took a mail whose event was lost: held, released by the desk, a ticket")


def examined(cloud):
    """What `millora doctor` says of the deployment: all is well but for the poison and what the emulator has not."""
    # Where no endpoint is named, this AWS CLI asks the real queues.
    aws = LOGS / "bin" / "aws"
    aws.parent.mkdir(exist_ok=True)
    aws.write_text(f'#!/bin/sh\nexec "{shutil.which("aws")}" --endpoint-url {cloud.url} "$@"\n')
    aws.chmod(0o755)
    env = cloud.env | {"PATH": f"{aws.parent}:{os.environ['PATH']}"}
    doctor = [TARGET / "debug/millora", "doctor", "--stack", STACK, "--region", REGION, "--json"]
    told = subprocess.run(doctor, env=env, capture_output=True, text=True, check=False)
    (LOGS / "doctor.json").write_text(told.stdout)
    findings = json.loads(told.stdout)["findings"]
    well = [one for one in findings if one["level"] == "good"]
    ill = {one["about"].split(" millora")[0] for one in findings if one["level"] in ("wrong", "unknown")}
    ill = {about.split(" soporte")[0].split(" http")[0] for about in ill}
    if ill != ILL or told.returncode == 0:
        raise Unproven(f"doctor found {sorted(ill)}, and not {sorted(ILL)}: {LOGS / 'doctor.json'}")
    proven(f"millora doctor: {len(well)} things in order, and ill only the poison and what the emulator has not")


def taken_down(cloud):
    """The stack goes; what was promised and done stays."""
    cloud.client("cloudformation").delete_stack(StackName=STACK)

    def gone():
        told = cloud.client("cloudformation").describe_stacks()["Stacks"]
        return all(one["StackName"] != STACK or one["StackStatus"] == "DELETE_COMPLETE" for one in told)

    until("the stack is gone", gone)
    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    if cloud.table not in tables or not cloud.objects("done/"):
        raise Unproven("the table or the bucket went with the stack")
    proven("the stack taken down: the table and the bucket stay")


def main():
    started = time.monotonic()
    with Cloud() as cloud:
        cloud.deploy()
        proven(f"sam deploy of the template as it stands: {cloud.outputs['ApiEndpoint']}")
        prepare(cloud)
        ticket = opened_by_http(cloud)
        filed(cloud, ticket)
        opened_by_mail(cloud)
        told_by_the_mail_service(cloud, ticket)
        # Its event is lost: whoever closes by silence looks into the bucket before (9.6).
        cloud.put_mail("correo-2", mail("correo-2", "Cartera", "No cuadra."))
        solved(cloud, ticket)
        missed(cloud)
        isolated(cloud)
        closed(cloud, ticket)
        denied(cloud)
        swept(cloud)
        examined(cloud)
        taken_down(cloud)
    print(f"\nproven on the emulator, in {time.monotonic() - started:.0f} s: {len(PROVEN)} things")
    print(f"\nnot proven there, and shown elsewhere:\n{ELSEWHERE}")


if __name__ == "__main__":
    try:
        main()
    except (Unproven, subprocess.CalledProcessError) as fault:
        sys.exit(f"tests/deploy: {fault}\nlogs: {LOGS}")
