package prober

import (
	"openrelay/probe"
	"openrelay/probe/phrasebook"
)

// reasonFor is why a question stays unanswered, by what the last reply to it meant.
var reasonFor = map[phrasebook.Meaning]probe.Reason{
	phrasebook.TLSRequired:             probe.ReasonTLSUnavailable,
	phrasebook.SenderRejected:          probe.ReasonSenderRejected,
	phrasebook.RecipientDomainRejected: probe.ReasonRecipientDomainRejected,
	phrasebook.ClientBlocked:           probe.ReasonClientBlocked,
	phrasebook.Greylisted:              probe.ReasonGreylisted,
	phrasebook.RateLimited:             probe.ReasonRateLimited,
	phrasebook.HeloRejected:            probe.ReasonHeloRejected,
	phrasebook.Syntax:                  probe.ReasonUnclear,
	phrasebook.ContentRejected:         probe.ReasonUnclear,
	phrasebook.Temporary:               probe.ReasonUnclear,
	phrasebook.RefusedOther:            probe.ReasonUnclear,
}
