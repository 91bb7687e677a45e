package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/bounce"
	"openrelay/probe/changes"
	"openrelay/probe/dnsbl"
)

// recordType is one of the types that a line of JSON may say it is.
type recordType struct {
	name   string
	one    string // what such a record is called, and many
	many   string
	schema int      // the newest that is understood
	fields []string // that tell one which says no type, for older versions wrote none: "a|b" is either
}

// recordTypes lists them. What reads one type refuses every other by its name.
var recordTypes = []recordType{
	{probe.ResultType, "saved result", "results", probe.Schema, []string{"verdict", "target", "findings|coverage"}},
	{changes.Type, "change", "changes", probe.Schema, []string{"change", "newly_open"}},
	{dnsbl.ListingsType, "block list record", "block list records", dnsbl.ListingsSchema, []string{"status", "listings"}},
	{bounce.Type, "bounce", "bounces", bounce.Schema, []string{"message", "findings"}},
	{probe.DeliveryType, "delivery", "deliveries", probe.Schema, []string{"token", "target"}},
}

// begin is how this version begins a record.
func (t recordType) begin() []byte {
	return fmt.Appendf(nil, `{"type":%q,"schema":%d,`, t.name, t.schema)
}

// typeNamed finds a row; one that only has the name, where there is none.
func typeNamed(name string) recordType {
	for _, t := range recordTypes {
		if t.name == name {
			return t
		}
	}
	return recordType{name: name, many: fmt.Sprintf("records of the type %q", name)}
}

// refuse says why a line is no record of the wanted type that this version understands; nil where it is
// one. What is no JSON object at all it leaves to whoever reads the rest.
func refuse(line []byte, wanted string) error {
	if bytes.HasPrefix(line, typeNamed(wanted).begin()) {
		return nil // as this version writes it, which is nearly always, and needs no second look
	}
	var head struct {
		Type   string
		Schema int
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(line, &head) != nil || json.Unmarshal(line, &fields) != nil {
		return nil
	}
	want, name := typeNamed(wanted), head.Type
	if name == "" {
		name = untyped(fields)
	}
	switch {
	case name != wanted && name != "":
		return fmt.Errorf("holds %s, not %s", typeNamed(name).many, want.many)
	case head.Schema > want.schema:
		return fmt.Errorf("written by a newer version (schema %d, this one reads up to %d)", head.Schema, want.schema)
	case name == "":
		return fmt.Errorf("not a %s: it has no type, and not all of %s", want.one, strings.ReplaceAll(strings.Join(want.fields, ", "), "|", " or "))
	case head.Schema < 1:
		return errors.New("not a " + want.one + ": it has no schema number")
	}
	return nil
}

// untyped is the type of a record that does not say it, by what it holds.
func untyped(fields map[string]json.RawMessage) string {
	has := func(either string) bool {
		for name := range strings.SplitSeq(either, "|") {
			if _, ok := fields[name]; ok {
				return true
			}
		}
		return false
	}
	for _, t := range recordTypes {
		if !slices.ContainsFunc(t.fields, func(f string) bool { return !has(f) }) {
			return t.name
		}
	}
	return ""
}

// BeginsResult reports whether a line that breaks off may be a result of the scan with this spec, and whether it
// comes far enough to be sure: another program's line may begin as ours do.
func BeginsResult(torn, spec string) (may, sure bool) {
	for _, begin := range []string{string(typeNamed(probe.ResultType).begin()), `{"schema":1,`} { // that of older versions
		begin += `"scan":{"id":"`
		if strings.HasPrefix(begin, torn) {
			return true, false
		}
		rest, ok := strings.CutPrefix(torn, begin)
		if !ok {
			continue
		}
		id, rest, ended := strings.Cut(rest, `"`)
		ours := strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
		named := fmt.Sprintf(`,"spec":%q`, spec)
		sure = ours && ended && strings.HasPrefix(rest, named)
		return sure || ours && strings.HasPrefix(named, rest), sure
	}
	return false, false
}
