package pasted

import (
	"encoding/json"
	"net/netip"
	"strings"

	"openrelay/probe/dialogue"
)

// record is what is read of a record of ours, one line of JSON: the dialogues of its findings.
type record struct {
	Target     string              `json:"target"`
	Name       string              `json:"name"`
	Transcript dialogue.Transcript `json:"transcript"`
	Findings   []struct {
		Transcript dialogue.Transcript `json:"transcript"`
	} `json:"findings"`
}

// recordName is the format of a record.
const recordName = "record"

// record reads a line that is one of our records, of a file of lines or of a document.
func (r *reader) record(l *line) bool {
	var rec record
	if json.Unmarshal([]byte(strings.TrimSuffix(l.text, ",")), &rec) != nil {
		return false
	}
	addr, _ := netip.ParseAddrPort(rec.Target)
	dialogues := []dialogue.Transcript{rec.Transcript}
	for _, f := range rec.Findings {
		dialogues = append(dialogues, f.Transcript)
	}
	for _, d := range dialogues {
		if len(d) > 0 {
			r.talks = append(r.talks, &talk{whole: true, session: Session{Transcript: d, Addr: addr, Server: rec.Name, From: recordName}})
		}
	}
	return true
}
