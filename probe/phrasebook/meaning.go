package phrasebook

// Stage is where in the dialogue a reply came.
type Stage string

// The stages.
const (
	Banner  Stage = "banner"
	Helo    Stage = "helo"
	Mail    Stage = "mail"
	Rcpt    Stage = "rcpt"
	DataCmd Stage = "data"
	Unknown Stage = "unknown"
)

// Stages lists them in order.
var Stages = []Stage{Banner, Helo, Mail, Rcpt, DataCmd, Unknown}

// Meaning is what a reply says about relaying.
type Meaning string

// The meanings. Only the first four answer the relay question by themselves.
const (
	Accepted                Meaning = "accepted"
	RelayDenied             Meaning = "relay-denied"
	AuthRequired            Meaning = "auth-required"
	RecipientUnknown        Meaning = "recipient-unknown"
	TLSRequired             Meaning = "tls-required"
	SenderRejected          Meaning = "sender-rejected"
	RecipientDomainRejected Meaning = "recipient-domain-rejected"
	ClientBlocked           Meaning = "client-blocked"
	Greylisted              Meaning = "greylisted"
	RateLimited             Meaning = "rate-limited"
	HeloRejected            Meaning = "helo-rejected"
	Syntax                  Meaning = "syntax"
	ContentRejected         Meaning = "content-rejected"
	Temporary               Meaning = "temporary"
	RefusedOther            Meaning = "refused-other"
)
