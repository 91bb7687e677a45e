package bounce

import (
	"strings"
	"testing"

	"openrelay/probe/phrasebook"
)

// TestCues lets every row prove itself, and no earlier row begin at the same place of its example.
func TestCues(t *testing.T) {
	for i, c := range Cues {
		at := c.Pattern.FindStringIndex(c.Example)
		if at == nil {
			t.Errorf("row %d (%s) does not match its example %q", i, c.MTA, c.Example)
			continue
		}
		for j, earlier := range Cues[:i] {
			if m := earlier.Pattern.FindStringIndex(c.Example); m != nil && m[0] == at[0] {
				t.Errorf("row %d (%s) takes the example of row %d: %q", j, earlier.MTA, i, c.Example)
			}
		}
	}
}

func TestListRows(t *testing.T) {
	for i, n := range Lists {
		found := listsIn(n.Example, "", nil)
		if len(found) == 0 || found[0].Name != n.Name {
			t.Errorf("row %d (%s): %q names %v", i, n.Name, n.Example, found)
		}
		if n.Zone == "" && n.Note == "" && n.Lookup == "" {
			t.Errorf("row %d (%s) tells nobody what to do", i, n.Name)
		}
	}
}

func TestSubjectRows(t *testing.T) {
	seen := map[phrasebook.Meaning]bool{}
	for i, s := range Subjects {
		seen[s.Meaning] = true
		var f Finding
		f.quote(s.Example)
		f.judge(nil)
		if f.Subject != s.ID {
			t.Errorf("row %d (%s): %q is about %s (%s)", i, s.ID, s.Example, f.Subject, f.Meaning)
		}
		if s.Meaning != "" && f.Meaning != s.Meaning {
			t.Errorf("row %d (%s): %q means %s, want %s", i, s.ID, s.Example, f.Meaning, s.Meaning)
		}
		if s.About == "" || s.WayOut == "" {
			t.Errorf("row %d (%s) says nothing", i, s.ID)
		}
	}
	for _, m := range phrasebook.Meanings {
		if !seen[m.Meaning] && m.Meaning != phrasebook.Accepted && m.Meaning != phrasebook.RefusedOther {
			t.Errorf("no subject for %s", m.Meaning)
		}
	}
}

func TestListsIn(t *testing.T) {
	known := []List{{Zone: "bl.example.net", Name: "Example"}}
	for reply, want := range map[string]string{
		"554 5.7.1 Client host [203.0.113.9] blocked using bl.example.net; see there":          "bl.example.net",
		"554 5.7.1 Service unavailable; 9.113.0.203.bl.example.net is not welcome":             "bl.example.net",
		"550 rejected by policy of xbl.example.net.evil.example":                               "",
		"550 5.7.1 Rejected: 203.0.113.9 listed at rbl.example.com":                            "rbl.example.com",
		"550 5.7.1 your mail was rejected by mx.example.com":                                   "",
		"550 sender s@bl.example.net unknown":                                                  "",
		"550 blocked using zen.spamhaus.org and bl.spamcop.net":                                "zen.spamhaus.org bl.spamcop.net",
		"550 blocked using abc123def.zen.dq.spamhaus.net":                                      "zen.spamhaus.org",
		"550 Mail from 203.0.113.9 refused, see https://www.spamhaus.org/sbl/query/SBL123456":  "sbl.spamhaus.org",
		"550 5.7.1 This email has been blocked by mx0a-0001.pphosted.com":                      "",
		"550 5.7.1 203.0.113.9 is not listed in our dnsbl.example.com allow list":              "",
		"550-Blocked using\n550 bl.example.net":                                                "bl.example.net",
		"554 found on list.example.com by the user, who found it in example.com, nothing more": "",
	} {
		var zones []string
		for _, l := range listsIn(reply, "mx.example.com", known) {
			zones = append(zones, l.Zone)
		}
		if got := strings.Join(zones, " "); got != want {
			t.Errorf("listsIn(%q) = %q, want %q", reply, got, want)
		}
	}
}

func TestAccused(t *testing.T) {
	for reply, want := range map[string]string{
		"554 Client host [203.0.113.9] blocked using bl.example.net (127.0.0.2)":             "203.0.113.9",
		"554 blocked: http://www.spamhaus.org/query/bl?ip=203.0.113.9":                       "203.0.113.9",
		"554 Client host [2001:db8::25] blocked using bl.example.net":                        "2001:db8::25",
		"554 blocked, see https://check.example/?ip=2001%3Adb8%3A%3A25":                      "2001:db8::25",
		"554 gw [10.0.0.5]: client 198.51.100.9 blocked using bl.example.net":                "198.51.100.9",
		"554 client 10.0.0.5 blocked using bl.example.net":                                   "10.0.0.5",
		"554 5.7.1 [IPv6:2001:db8::25] is blacklisted":                                       "2001:db8::25",
		"554 9.113.0.203.zen.spamhaus.org is blacklisted":                                    "203.0.113.9",
		"554 192.0.2.1 has blacklisted 203.0.113.9":                                          "203.0.113.9",
		"554 blocked using bl.example.net, code 127.0.0.4":                                   "",
		"550 Sender address <s@example.org> blocked using dbl.spamhaus.org":                  "example.org",
		"550 5.7.1 blocked, see https://www.spamhaus.org/query/domain/example.org":           "example.org",
		"550 A URL in this email (example.org) is listed on https://spamrl.com/. Please fix": "example.org",
		"550 you are blacklisted":                                                            "",
	} {
		f := Finding{Reply: reply, Address: parseAddress("192.0.2.1")}
		if got := accused(&f); got != want {
			t.Errorf("accused(%q) = %q, want %q", reply, got, want)
		}
	}
}
