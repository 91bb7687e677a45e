package pasted

import "regexp"

// kind is what a line of a tool's output is.
type kind byte

const (
	says    kind = iota + 1 // the server's words, in the group "text"
	asks                    // the client's
	begins                  // a connection begins; who and where, as far as it is told
	tells                   // who and where, of the connection that is there or begins next
	ends                    // the connection is over
	secures                 // TLS begins
	unsent                  // the client's last line went to the tool, not to the server
	remarks                 // a remark on the connection
	idle                    // the tool talks to itself
	outcome                 // of a log: what became of one command
)

// mark is a kind of line, and how it is told. Groups by name: text, what was said; addr, or ip and port, and host, of the
// server; client, its address; key, which of several connections at once; remark, on the connection; letter, by which
// openssl took a line for its own. Those of outcomes are in log.go.
type mark struct {
	kind kind
	line *regexp.Regexp
}

// format is how one tool or log writes sessions. Where none of its marks is the server's, the server's lines stand there
// bare, and so may the client's.
type format struct {
	name     string
	about    string // what writes it
	example  string // the file of testdata that shows it
	marks    []mark
	literal  bool // what was said is a literal of Python
	escaped  bool // what was said is in the text form of a transcript
	silent   bool // the tool itself has spoken until TLS began, and shows the last line of what it heard
	log      bool // it is a log of outcomes
	codeless bool // and has no codes of refusals
}

func is(k kind, pattern string) mark { return mark{k, regexp.MustCompile(pattern)} }

// verbs are the commands of SMTP and of its extensions, as a line begins with them.
const verbs = `(?i:EHLO|HELO|LHLO|MAIL\s*FROM|RCPT\s*TO|DATA\s*$|BDAT\s+\d|RSET\s*$|QUIT\s*$|NOOP\b|VRFY\b|EXPN\b|HELP\s*$|STARTTLS\s*$|AUTH\s+[\w-]+|ETRN\s|XCLIENT\s|XFORWARD\s|PROXY TCP|SEND\s+FROM|SOML\s+FROM|SAML\s+FROM)`

// prompt is a shell's prompt.
const prompt = `^(?:\S{0,80}[$#%>] ?|PS [^>]*> ?)?`

// exchangeLine is what comes before the two ends of a connection in a line of Exchange: time, connector, session, number.
const exchangeLine = `^[0-9T:.-]+Z,[^,]*,(?P<key>[0-9A-Fa-f]+),\d+,`

// transcriptName is the format of our own reports.
const transcriptName = "transcript"

// formats is the table: of rows that can read a line, the one counts that reads most of the text, and of equals the
// first.
var formats = []format{
	{
		name: "swaks", about: "swaks", example: "swaks.txt",
		marks: []mark{
			is(says, `^<(?:-|~|\*|~\*|\*\*)\*? {1,2}(?P<text>[2-5]\d\d.*)`),
			is(asks, `^[-~*]> ?(?P<text>.*)`),
			is(begins, `^=== Trying (?P<host>\S+?):(?P<port>\d+)\.\.\.`),
			is(tells, `^=== Connected to (?P<ip>\S+?)\.$`),
			is(secures, `^=== TLS started with cipher (?P<text>.*)`),
			is(ends, `^=== Connection closed`),
			is(idle, `^(?:(?:===|\*\*\*) |[<>] +\d{4}: )`),
		},
	},
	{
		name: "curl", about: "curl -v", example: "curl.txt",
		marks: []mark{
			is(says, `^< (?P<text>.*)`),
			is(asks, `^> (?P<text>.*)`),
			is(begins, `\* +Trying (?P<ip>\[?[0-9a-fA-F.:]*[0-9a-fA-F]\]?):(?P<port>\d+)\.\.\.`),
			is(begins, `^(?:\* )?About to connect\(\) to (?P<host>\S+) port (?P<port>\d+)`),
			is(tells, `^\* Connected to (?P<host>\S+) \((?P<ip>[^)]+)\) port (?P<port>\d+)`),
			is(secures, `^\* SSL connection using (?P<text>.*)`),
			is(ends, `^\* (?:Closing connection|Connection #\d+ to host)`),
			is(idle, `^(?:\* |[{}] \[\d+ bytes data\])`),
		},
	},
	{
		name: "msmtp", about: "msmtp --debug", example: "msmtp.txt",
		marks: []mark{
			is(says, `^<-- (?P<text>.*)`),
			is(asks, `^--> (?P<text>.*)`),
			is(begins, `^host = (?P<host>\S+)$`),
			is(tells, `^port = (?P<port>\d+)$`),
			is(idle, `^[a-z_ ]+ = `),
		},
	},
	{
		name: "smtplib", about: "Python's smtplib with set_debuglevel", example: "smtplib.txt", literal: true,
		marks: []mark{
			is(idle, `^(?:reply: retcode \(|(?:data|connect): \(|connect: b?['"])`),
			is(says, `^reply: (?P<text>b?['"].*)`),
			is(asks, `^send: (?P<text>b?['"].*)`),
			is(begins, `^connect: (?:to )?\('(?P<host>[^']+)', (?P<port>\d+)\)`),
		},
	},
	{
		name: "PHPMailer", about: "PHPMailer with SMTPDebug", example: "phpmailer.txt",
		marks: []mark{
			is(says, `^(?:SMTP \(level \d\): )?SERVER -> CLIENT: ?(?P<text>.*)`),
			is(asks, `^(?:SMTP \(level \d\): )?CLIENT -> SERVER: ?(?P<text>.*)`),
			is(begins, `^Connection: opening to (?:\w+://)?(?P<host>[^:,\s]+)(?::(?P<port>\d+))?`),
			is(ends, `^Connection: closed`),
		},
	},
	{
		name: "nodemailer", about: "nodemailer with debug and logger", example: "nodemailer.txt",
		marks: []mark{
			is(says, `^DEBUG +\[(?P<key>\w+)\] S: (?P<text>.*)`),
			is(asks, `^DEBUG +\[(?P<key>\w+)\] C: (?P<text>.*)`),
			is(begins, `^INFO +\[(?P<key>\w+)\] (?:Secure c|C)onnection established to (?P<ip>\S+):(?P<port>\d+)`),
		},
	},
	{
		name: "Swift Mailer", about: "Swift Mailer's and Symfony's logger", example: "swiftmailer.txt",
		marks: []mark{
			is(says, `^(?:<<|<=|\[<\]) (?P<text>.*)`),
			is(asks, `^(?:>>|=>|\[>\]) (?P<text>.*)`),
			is(begins, `^\+\+ Starting \w+Transport`),
			is(ends, `^\+\+ \w+Transport stopped`),
			is(idle, `^(?:\+\+|!!) `),
		},
	},
	{
		name: transcriptName, about: `"S:" and "C:" before each line, as in RFC 5321 and in the reports and dialogue files of openrelay`,
		example: "openrelay-table.txt", escaped: true,
		marks: []mark{
			is(says, `^(?:> )?S: ?(?P<text>.*)`),
			is(asks, `^C: ?(?P<text>.*)`),
			is(begins, `^(?:> )?\*: (?P<remark>connected to (?P<addr>\S+)(?: from (?P<client>\S+))?.*)`),
			is(begins, `^\*: connection$`),
			is(remarks, `^(?:> )?\*: ?(?P<remark>.*)`),
			is(begins, `^(?i:dialogue) +(?:of )?[a-z]`),
			is(begins, `^(?:open|closed|inconclusive|unreachable)(?: \(\w+\))? +(?:(?P<host>[^\s\[]+) )?(?P<addr>[\[\]0-9a-f.:]+:\d+)(?: |$)`),
			is(begins, `^<summary>(?:(?P<host>[^\s&]+) )?(?:&#91;)?(?P<ip>[0-9a-f.:]+?)(?:&#93;)?:(?P<port>\d+)</summary>`),
		},
	},
	{
		name: "bare transcript", about: `"S" and "C", or "Server:" and "Client:", before each line`, example: "letters.txt",
		marks: []mark{
			is(says, `^(?:DEBUG \S+ - )?(?:S|(?i:server) ?:) ?(?P<text>\d{3}[ -].*)`),
			is(asks, `^(?:DEBUG \S+ - )?(?:C |(?i:client) ?:) ?(?P<text>.*)`),
			is(begins, `^Connecting to host address "(?P<ip>[^"]+)" port (?P<port>\d+)`),
		},
	},
	{
		name: "Postfix debug log", about: "Postfix's smtpd -v, or debug_peer_list", example: "postfix-debug.txt",
		marks: []mark{
			is(says, `^> \S+?\[(?P<client>[^\]]+)\](?::\d+)?: (?P<text>.*)`),
			is(asks, `^< \S+?\[(?P<client>[^\]]+)\](?::\d+)?: (?P<text>.*)`),
		},
	},
	{
		name: "Exim debug log", about: "Exim's -d as a server", example: "exim-debug.txt",
		marks: []mark{
			is(says, `^(?:(?P<key>\d+) )?SMTP>> ?(?P<text>\d{3}.*)`),
			is(asks, `^(?:(?P<key>\d+) )?SMTP<< ?(?P<text>.*)`),
			is(says, `^(?P<key>\d+) {5,}(?P<text>\d{3}[ -].*)`),
			is(begins, `^(?:(?P<key>\d+) )?Process \d+ is handling incoming connection from (?:\S+ )?(?:\(\S+\) )?\[(?P<client>[^\]]+)\]`),
			is(ends, `^(?:(?P<key>\d+) )?SMTP>>\(close`),
		},
	},
	{
		name: "Exim as client", about: "Exim's -v and -d where it sends mail, or asks another server", example: "exim-client.txt",
		marks: []mark{
			is(says, `^(?:(?P<key>\d+) +)?SMTP<< ?(?P<text>\d{3}.*)`),
			is(asks, `^(?:(?P<key>\d+) +)?SMTP[>+|~](?:\(\w+\))?> ?(?P<text>.*)`),
			is(says, `^(?P<key>\d+) {5,}(?P<text>\d{3}[ -].*)`),
			is(begins, `^(?:(?P<key>\d+) +)?Connecting to (?P<host>\S+) \[(?P<ip>[^\]]+)\]:(?P<port>\d+)`),
			is(ends, `^(?:(?P<key>\d+) +)?SMTP\(close\)>>`),
		},
	},
	{
		name: "Exchange receive log", about: "Exchange's protocol log of a receive connector", example: "exchange-receive.txt",
		marks: []mark{
			is(says, exchangeLine+`(?P<addr>[^,]+),(?P<client>[^,]+),>,"?(?P<text>.*?)"?,[^,]*$`),
			is(asks, exchangeLine+`(?P<addr>[^,]+),(?P<client>[^,]+),<,"?(?P<text>.*?)"?,[^,]*$`),
			is(begins, exchangeLine+`(?P<addr>[^,]+),(?P<client>[^,]+),\+,`),
			is(ends, exchangeLine+`[^,]+,[^,]+,-,`),
		},
	},
	{
		name: "Exchange send log", about: "Exchange's protocol log of a send connector", example: "exchange-send.txt",
		marks: []mark{
			is(says, exchangeLine+`(?P<client>[^,]+),(?P<addr>[^,]+),<,"?(?P<text>.*?)"?,[^,]*$`),
			is(asks, exchangeLine+`(?P<client>[^,]+),(?P<addr>[^,]+),>,"?(?P<text>.*?)"?,[^,]*$`),
			is(begins, exchangeLine+`(?P<client>[^,]*),(?P<addr>[^,]+),\+,`),
			is(ends, exchangeLine+`[^,]*,[^,]+,-,`),
		},
	},
	{
		name: "Haraka log", about: "Haraka's log with the level PROTOCOL", example: "haraka.txt",
		marks: []mark{
			is(says, `^\[PROTOCOL\] \[(?P<key>[^\]]+)\] \[core\] S: (?P<text>.*)`),
			is(asks, `^\[PROTOCOL\] \[(?P<key>[^\]]+)\] \[core\] C: (?P<text>.*?)(?: state=\d+)?$`),
		},
	},
	{
		name: "arrows", about: `"<" before what a server reads and ">" before what it writes`, example: "arrows.txt",
		marks: []mark{
			is(says, `^>{1,3}e? (?P<text>\d{3}[ -].*)`),
			is(asks, `^<{1,3}e? (?P<text>.*)`),
			is(begins, `^Connecting \('(?P<host>[^']+)', (?P<port>\d+)\)`),
		},
	},
	{
		name: "Postfix log", about: "what Postfix logs of a connection", example: "postfix-log.txt", log: true,
		marks: postfixMarks,
	},
	{
		name: "Exim log", about: "Exim's main log and its reject log", example: "exim-log.txt", log: true, codeless: true,
		marks: eximMarks,
	},
	{
		name: "Sendmail log", about: "what Sendmail logs of a connection", example: "sendmail-log.txt", log: true,
		marks: sendmailMarks,
	},
	{
		name: "telnet", about: "telnet of Unix and Windows", example: "telnet.txt",
		marks: []mark{
			is(begins, prompt+`telnet (?P<host>[^\s-]\S*)(?: (?P<port>\d+|smtp|submission))?$`),
			is(begins, `^Trying (?P<ip>[0-9a-fA-F.:]*[0-9a-fA-F])(?:\.\.\.|…)`),
			is(tells, `^Connected to (?P<host>\S+?)\.$`),
			is(idle, `^Escape character is `),
			is(ends, `^(?:Connection closed by foreign host|Connection to host lost|telnet> )`),
		},
	},
	{
		name: "netcat", about: "nc and ncat", example: "netcat.txt",
		marks: []mark{
			is(begins, prompt+`(?:nc|ncat|netcat)(?: -[a-zA-Z]+)* (?P<host>[^\s-]\S*) (?P<port>\d+)$`),
			is(begins, `^Connection to (?P<host>\S+)(?: \((?P<ip>[^)]+)\))? (?P<port>\d+) port .*succeeded!`),
			is(begins, `^(?:Ncat: Connected to (?P<ip>\S+):(?P<port>\d+)\.|(?P<host>\S+) \[(?P<ip>[^\]]+)\] (?P<port>\d+) \(\S+\) open)`),
			is(ends, `^(?:Ncat: \d+ bytes sent|sent \d+, rcvd \d+)`),
		},
	},
	{
		name: "openssl s_client", about: "openssl s_client with -starttls smtp, or to port 465", example: "openssl-starttls.txt", silent: true,
		marks: []mark{
			is(begins, `^depth=\d`),
			is(begins, prompt+`openssl s_client .*-connect (?P<host>\S+?):(?P<port>\d+)`),
			is(begins, `^Connecting to (?P<ip>[0-9a-fA-F.:]+)$`),
			is(begins, `^CONNECTED\([0-9A-F]+\)$`),
			is(secures, `^New, (?P<text>TLSv[0-9.]+, Cipher is \S+)`),
			is(unsent, `^(?P<letter>R)ENEGOTIATING$`),
			is(unsent, `^(?P<letter>K)EYUPDATE$`),
			is(unsent, `^DONE$`),
			is(idle, `^(?:read R BLOCK|verify (?:error|return):|---$|closed$)`),
		},
	},
	{
		name: "Sendmail verbose", about: "sendmail -v and mailx -v", example: "sendmail-verbose.txt",
		marks: []mark{
			is(asks, `^>{1,3} ?(?P<text>`+verbs+`.*|\.$)`),
			is(begins, `\.\.\. Connecting to (?P<host>\S+?)\.? (?:port (?P<port>\d+) )?via \w+\.\.\.`),
			is(idle, `^Closing connection to `),
		},
	},
	{
		name: "exim -bh", about: "exim -bh and -bhc", example: "exim-bh.txt",
		marks: []mark{
			is(begins, `^\*{4} SMTP testing session as if from host (?P<client>\S+)`),
			is(idle, `^(?:>>>|LOG:|\*{4})(?: |$)`),
		},
	},
	{
		name: "JavaMail", about: "JavaMail and Jakarta Mail with mail.debug", example: "javamail.txt",
		marks: []mark{
			is(begins, `^DEBUG SMTPS?: trying to connect to host "(?P<host>[^"]+)", port (?P<port>\d+)`),
			is(idle, `^DEBUG`),
		},
	},
}

// unmarked is a session without a trace of the tool.
var unmarked = format{name: "as typed", about: "a session as it is on the line"}

// connected is the remark of our own transcripts that names both ends.
var connected = regexp.MustCompile(`^connected to \S+ from \S+$`)
