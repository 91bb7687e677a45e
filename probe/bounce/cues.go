package bounce

import "regexp"

// Cue is one wording of a server that tells something about a refusal. What it tells are the named
// groups of its pattern:
//
//	rcpt   the recipient it is about; what follows is the reporter's own explanation
//	host   the server that refused, by name
//	addr   and by address
//	peer   the server that the replies below are from, for all recipients
//	stage  the command that was refused
//	by     the host that wrote the bounce
//	reply  where the reply begins; the group itself is empty
//	weak   the same, for a pattern that counts only where nothing better is known
type Cue struct {
	MTA     string         // who writes so; "" where many do
	Pattern *regexp.Regexp // matched on the words of the bounce, line by line
	Until   *regexp.Regexp // where the reply ends; nil is a blank line and what usually follows
	Example string         // what it matches
}

// Parts of patterns.
const (
	nameRE = `[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?`
	addrRE = `(?:IPv6:)?(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)`
	rcptRE = `[^\s<>:;,"()\[\]]+@[^\s<>:;,"()\[\]]+`
)

var (
	toQuote   = regexp.MustCompile(`'[ \t]*(?:\n|$)|\n[ \t]*\n`)
	toLineEnd = regexp.MustCompile(`\n|$`)
	toParen   = regexp.MustCompile(`\)[ \t]*(?:\n|$)|\n[ \t]*\n`)
	toAngle   = regexp.MustCompile(`>[ \t]*(?:\n|$)|\n[ \t]*\n`)
	toHash    = regexp.MustCompile(`[ \t]*##|[ \t]*#SMTP#|>[ \t]*(?:\n|$)|\n[ \t]*\n`)
	toWords   = regexp.MustCompile(`\n[ \t]*\n(?:[^0-9]|$)`) // blank lines stand between those of the reply
	toArrow   = regexp.MustCompile(`\n(?:[^<]|<[^<]|$)`)     // a line that does not begin with "<<<"
)

// usualEnd is what follows a reply: a blank line, a remark about it, the next recipient.
var usualEnd = regexp.MustCompile(`(?i)\n[ \t]*\n|\s*\(in\s+reply\s+to\b|\n>>>|\n(?:giving up on|i'm not going to try again)\b|\n[ \t]*<?` + rcptRE + `>?:?[ \t]*(?:\n|$)|\n[ \t]*remote system:|\n[ \t]*recipient: \[`)

func cue(s string) *regexp.Regexp { return regexp.MustCompile(`(?im)` + s) }

// Cues are the wordings known. Where two match at one place the earlier row counts.
var Cues = []Cue{
	// Postfix, and everything built on it.
	{MTA: "Postfix", Pattern: cue(`\bhost\s+(?P<host>` + nameRE + `)\[(?P<addr>` + addrRE + `)\](?::\d+)?\s+said:\s+(?P<reply>)`),
		Example: "host mx.example.net[192.0.2.1] said: 554 5.7.1 no"},
	{MTA: "Postfix", Pattern: cue(`\bhost\s+(?P<host>` + nameRE + `)\[(?P<addr>` + addrRE + `)\](?::\d+)?\s+refused\s+to\s+(?P<stage>talk)\s+to\s+me:\s+(?P<reply>)`),
		Example: "host mx.example.net[192.0.2.1] refused to talk to me: 554 5.7.1 no"},
	{MTA: "Postfix", Pattern: cue(`\((?:in|while)\s+(?:reply\s+to|performing\s+the)\s+(?:end\s+of\s+)?(?P<stage>\w+)(?:\s+\w+)?\s+(?:command|handshake)\)`),
		Example: "(in reply to RCPT TO command)"},
	{MTA: "Postfix", Pattern: cue(`\b(?:connect\s+to|(?:lost\s+connection|conversation)\s+with)\s+(?P<host>` + nameRE + `)\[(?P<addr>` + addrRE + `)\]`),
		Example: "connect to mx.example.net[192.0.2.1]:25: Connection timed out"},

	// Exim, old before new.
	{MTA: "Exim", Pattern: cue(`SMTP error from remote mail(?:er| server) after (?:pipelined |sending )?(?P<stage>[a-z]+)[^\n]*:\s+host (?P<host>` + nameRE + `) \[(?P<addr>` + addrRE + `)\]:\s+(?P<reply>)`),
		Example: "SMTP error from remote mailer after RCPT TO:<u@example.net>:\n    host mx.example.net [192.0.2.1]: 550 no"},
	{MTA: "Exim", Pattern: cue(`SMTP error from remote mail(?:er| server) after (?:pipelined |sending )?(?P<stage>[a-z]+)[^\n]*:[ \t]*\n\s*(?P<reply>)`),
		Example: "SMTP error from remote mail server after RCPT TO:<u@example.net>:\n    550 no"},
	{MTA: "Exim", Pattern: cue(`^[ \t]+host (?P<host>` + nameRE + `) \[(?P<addr>` + addrRE + `)\][ \t]*$`),
		Example: "    host mx.example.net [192.0.2.1]"},
	{MTA: "1&1", Pattern: cue(`SMTP error from remote server for (?P<stage>\w+)(?: \w+)? command,\s+host: (?P<host>` + nameRE + `) \((?P<addr>` + addrRE + `)\)\s+reason: (?P<reply>)`),
		Example: "SMTP error from remote server for RCPT TO command, host: mx.example.net (192.0.2.1) reason: 550 no"},

	// qmail.
	{MTA: "qmail", Pattern: cue(`^(?P<addr>` + addrRE + `) does not like (?P<stage>recipient)\.`),
		Example: "192.0.2.1 does not like recipient."},
	{MTA: "qmail", Pattern: cue(`^Connected to (?P<addr>` + addrRE + `) but (?P<stage>sender|greeting|my name)\b`),
		Example: "Connected to 192.0.2.1 but sender was rejected."},
	{MTA: "qmail", Pattern: cue(`^(?P<addr>` + addrRE + `) failed (?:on|after I sent the) (?P<stage>data|message)\b`),
		Example: "192.0.2.1 failed after I sent the message."},
	{MTA: "qmail", Pattern: cue(`Remote host said:\s*(?P<reply>)`),
		Example: "Remote host said: 553 no"},

	// Sendmail and Courier show the dialogue.
	{MTA: "Sendmail", Pattern: cue(`\.\.\. while talking to (?P<peer>` + nameRE + `)\.?:`),
		Example: "... while talking to mx.example.net.:"},
	{MTA: "Sendmail", Pattern: cue(`^>>> (?P<stage>RCPT) TO:\s*<(?P<rcpt>[^>\n]*)>.*$`),
		Example: ">>> RCPT To:<u@example.net>"},
	{MTA: "Sendmail", Pattern: cue(`^>>> (?P<stage>MAIL|DATA|EHLO|HELO)\b.*$`),
		Example: ">>> MAIL From:<s@example.org> SIZE=1234"},
	{MTA: "Sendmail", Pattern: cue(`^<<< (?P<reply>)[245]\d\d`), Until: toArrow,
		Example: "<<< 554 5.7.1 no"},
	{MTA: "Sendmail", Pattern: cue(`^[ \t]+\(reason: (?P<reply>)`), Until: toParen,
		Example: "    (reason: 554 5.7.1 no)"},
	{MTA: "Courier", Pattern: cue(`^[ \t]+(?P<host>` + nameRE + `) \[(?P<addr>` + addrRE + `)\]:[ \t]*$`),
		Example: "     mx.example.net [192.0.2.1]:"},

	// Exchange and Microsoft 365.
	{MTA: "Exchange", Pattern: cue(`^[ \t]*(?:Generating server|DSN generated by):\s*(?P<by>` + nameRE + `)`),
		Example: "Generating server: ex01.example.org"},
	{MTA: "Exchange", Pattern: cue(`^(?P<host>` + nameRE + `)[ \t]*\n+[ \t]*(?:\S+ \S+ (?:[AP]M )?- )?Remote Server returned '(?P<reply>)`), Until: toQuote,
		Example: "mx.example.net\nRemote Server returned '550 5.7.1 no'"},
	{MTA: "Exchange", Pattern: cue(`Remote Server at (?P<host>` + nameRE + `) \((?P<addr>` + addrRE + `)\) returned '(?P<reply>)`), Until: toQuote,
		Example: "10/5/2026 8:05:56 PM - Remote Server at mx.example.net (192.0.2.1) returned '550 5.7.1 no'"},
	{MTA: "Exchange", Pattern: cue(`Remote Server returned '(?P<reply>)`), Until: toQuote,
		Example: "Remote Server returned '550 5.7.1 no'"},
	{MTA: "Exchange", Pattern: cue(`<(?P<host>` + nameRE + `) #[245]\.\d{1,3}\.\d{1,3} smtp;\s*(?P<reply>)`), Until: toAngle,
		Example: "<mx.example.net #5.7.1 smtp;550 5.7.1 no>"},
	{MTA: "Exchange", Pattern: cue(`^[ \t]*(?P<host>` + nameRE + `) #<(?:` + nameRE + ` )?#[245]\.\d{1,3}\.\d{1,3} smtp;\s*(?P<reply>)`), Until: toHash,
		Example: "mx.example.net #<mx.example.net #5.7.1 smtp;550 5.7.1 no> #SMTP#"},
	{MTA: "Exchange", Pattern: cue(`^(?P<host>` + nameRE + `) #(?P<reply>)[245]\d\d[ -]`), Until: toHash,
		Example: "mx.example.net #550 5.7.1 no ##"},
	{MTA: "Exchange", Pattern: cue(`^#(?P<reply>)[245]\d\d[ -]`), Until: toHash,
		Example: "#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##"},
	{MTA: "Exchange", Pattern: cue(`^(?P<host>` + nameRE + `)(?: \((?P<addr>` + addrRE + `)\))? gave this error:\s*(?P<reply>)`),
		Example: "mx.example.net gave this error:\n550 5.7.1 no"},
	{MTA: "Exchange", Pattern: cue(`^(?P<host>` + nameRE + `) rejected your message to the following e-?mail addresses:`),
		Example: "mx.example.net rejected your message to the following email addresses:"},
	{MTA: "Exchange", Pattern: cue(`^[^\n()]*\((?P<rcpt>` + rcptRE + `)\)(?:<mailto:[^>\n]*>)?[ \t]*$`),
		Example: "Ada (u@example.net)<mailto:u@example.net>"},
	{MTA: "Microsoft 365", Pattern: cue(`^[ \t]*Reported error:\s+(?P<reply>)`),
		Example: "Reported error: 550 5.7.606 no"},
	{MTA: "Microsoft 365", Pattern: cue(`^[ \t]*Remote server:\s+(?P<host>` + nameRE + `)`),
		Example: "Remote server: mx.example.net"},
	{MTA: "Microsoft 365", Pattern: cue(`^[ \t]*Recipient Address:[ \t]+(?P<rcpt>` + rcptRE + `)`),
		Example: "Recipient Address:\tu@example.net"},

	// Gmail.
	{MTA: "Gmail", Pattern: cue(`rejected\s+by\s+the\s+server\s+for\s+the\s+recipient\s+domain\s+\S+\s+by\s+(?P<host>` + nameRE + `)\.?\s+\[(?P<addr>` + addrRE + `)\]`),
		Example: "rejected by the server for the recipient domain example.net by mx.example.net. [192.0.2.1]."},
	{MTA: "Gmail", Pattern: cue(`The (?:response(?: from the remote server)?|error that the other server returned) was:\s*(?P<reply>)`),
		Example: "The response from the remote server was:\n\n550 5.7.1 no"},

	// Others that name their fields.
	{MTA: "MailEnable", Pattern: cue(`Recipient:\s*\[SMTP:(?P<rcpt>[^\]\n]+)\]`),
		Example: "\tRecipient: [SMTP:u@example.net]"},
	{MTA: "MailEnable", Pattern: cue(`Reason: Remote SMTP Server Returned:\s*(?P<reply>)`),
		Example: "\tReason: Remote SMTP Server Returned: 550 no"},
	{MTA: "SmarterMail", Pattern: cue(`Failed Recipient:\s*(?P<rcpt>` + rcptRE + `)`),
		Example: "Failed Recipient: u@example.net"},
	{MTA: "hMailServer", Pattern: cue(`Remote server \((?P<addr>` + addrRE + `)\) issued an error`),
		Example: "   Remote server (192.0.2.1) issued an error."},
	{MTA: "hMailServer", Pattern: cue(`hMailServer sent:[ \t]*(?P<stage>[A-Z]+).*$`),
		Example: "   hMailServer sent: RCPT TO:<u@example.net>"},
	{MTA: "hMailServer", Pattern: cue(`Remote server replied:\s*(?P<reply>)`),
		Example: "   Remote server replied: 550 no"},
	{MTA: "Oracle Messaging Server", Pattern: cue(`^[ \t]*Diagnostic code:\s*smtp;\s*(?P<reply>)`),
		Example: "  Diagnostic code: smtp;550 5.7.1 no"},
	{MTA: "Oracle Messaging Server", Pattern: cue(`^[ \t]*Remote system:\s*dns;\s*(?P<host>` + nameRE + `) \(TCP\|` + addrRE + `\|\d+\|(?P<addr>` + addrRE + `)\|\d+\)`),
		Example: "  Remote system: dns;mx.example.net (TCP|203.0.113.9|40000|192.0.2.1|25)"},
	{MTA: "MailMarshal", Pattern: cue(`Could not be delivered because of\s+(?P<reply>)`),
		Example: "Could not be delivered because of\n\n550 5.7.1 no"},
	{MTA: "MailMarshal", Pattern: cue(`^Remote-MTA:\s+<(?P<addr>` + addrRE + `)>`),
		Example: "Remote-MTA:         <192.0.2.1>"},
	{MTA: "MailMarshal", Pattern: cue(`^Reporting-MTA:\s+<(?P<by>` + nameRE + `)>`),
		Example: "Reporting-MTA:      <relay.example.org>"},
	{MTA: "MDaemon", Pattern: cue(`^[ \t]*Failed address:\s*<?(?P<rcpt>` + rcptRE + `)>?`),
		Example: "Failed address: u@example.net"},
	{MTA: "MDaemon", Pattern: cue(`Attempting SMTP connection to \[(?P<addr>` + addrRE + `)[\]:]`),
		Example: "Mon 2026-10-05 10:00:01: Attempting SMTP connection to [192.0.2.1:25]"},
	{MTA: "MDaemon", Pattern: cue(`--> (?P<stage>RCPT|MAIL|DATA|EHLO|HELO)\b.*$`),
		Example: "Mon 2026-10-05 10:00:02: --> RCPT To:<u@example.net>"},
	{MTA: "MDaemon", Pattern: cue(`<-- (?P<reply>)[45]\d\d`), Until: toLineEnd,
		Example: "Mon 2026-10-05 10:00:02: <-- 554 5.7.1 no"},
	{MTA: "Domino", Pattern: cue(`was not delivered to:\s+(?P<rcpt>` + rcptRE + `)\s+because:\s+(?P<reply>)`),
		Example: "was not delivered to:\n\n  u@example.net\n\nbecause:\n\n  554 no"},
	{MTA: "Haraka", Pattern: cue(`^Failure Reason: (?:Error: )?(?P<reply>)`),
		Example: "Failure Reason: Error: 550 5.7.1 no"},
	{MTA: "GroupWise", Pattern: cue(`^[ \t]+(?P<rcpt>` + rcptRE + `)[ \t]+\((?P<reply>)[45]\d\d`), Until: toParen,
		Example: "\tu@example.net (550 5.7.1 no)"},
	{MTA: "Zoho", Pattern: cue(`\[?(?P<rcpt>` + rcptRE + `),\s*ERROR[ _]CODE\s*:(?P<reply>)[45]\d\d`), Until: regexp.MustCompile(`\][ \t]*(?:\n|$)|\n[ \t]*\n`),
		Example: "[u@example.net, ERROR CODE :550 - 5.7.1 no]"},
	{MTA: "DragonFly", Pattern: cue(`error delivering your mail to <(?P<rcpt>` + rcptRE + `)>\.?[ \t]*$`),
		Example: "There was an error delivering your mail to <u@example.net>."},
	{MTA: "DragonFly", Pattern: cue(`^(?P<host>` + nameRE + `) \[(?P<addr>` + addrRE + `)\] did not like our (?:final )?(?P<stage>[A-Z]+)(?: [A-Z]+)?:\s*(?P<reply>)`), Until: toWords,
		Example: "mx.example.net [192.0.2.1] did not like our RCPT TO:\n550 5.7.1 no"},
	{MTA: "James", Pattern: cue(`^Error message below:\s+(?P<reply>)`),
		Example: "Error message below:\n550 5.7.1 no"},

	// Who writes.
	{MTA: "", Pattern: cue(`(?:This is the [^\n]{0,60}? at(?: host)?|delivery status notification from)\s+(?P<by>` + nameRE + `)`),
		Example: "This is the mail system at host mail.example.org."},

	// A recipient at the head of his paragraph, and a reply at the head of a line.
	{MTA: "", Pattern: cue(`^[ \t]*<?(?P<rcpt>` + rcptRE + `)>?(?:[ \t]+\(expanded from[^)]*\))?(?::|[ \t]*$)`),
		Example: "<u@example.net>: Host or domain name not found."},
	{MTA: "", Pattern: cue(`^[ \t]*(?P<weak>)[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b`),
		Example: "550 5.7.1 no"},
}

// original marks where the words end and the message that came back begins.
var original = cue(`^[ \t'-]*(?:below this line is a copy|this is a copy of|below is a copy of|original message(?: headers?| header follows?| follows?)?[ \t:.-]*$|unsent message|the headers? of the original|message headers? follows?|a copy of the (?:original )?message).*$`)
