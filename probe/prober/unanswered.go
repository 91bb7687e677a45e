package prober

import (
	"openrelay/probe"
	"openrelay/probe/phrasebook"
)

// reasonFor is why a question stays unanswered, by what the last reply to it meant.
var reasonFor = map[phrasebook.Meaning]probe.Reason{
	phrasebook.TLSRequired:             probe.TLSUnavailable,
	phrasebook.SenderRejected:          probe.SenderRejected,
	phrasebook.RecipientDomainRejected: probe.RecipientDomainRejected,
	phrasebook.ClientBlocked:           probe.ClientBlocked,
	phrasebook.Greylisted:              probe.Greylisted,
	phrasebook.RateLimited:             probe.RateLimited,
	phrasebook.HeloRejected:            probe.HeloRejected,
	phrasebook.Syntax:                  probe.Unclear,
	phrasebook.ContentRejected:         probe.Unclear,
	phrasebook.Temporary:               probe.Unclear,
	phrasebook.RefusedOther:            probe.Unclear,
}
