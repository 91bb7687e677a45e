package probe

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every row is complete, and asks for nothing that could break out of its command.
func TestVectors(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)*$`)
	seen := make(map[string]bool)
	for _, v := range Vectors {
		if !id.MatchString(v.ID) || seen[v.ID] {
			t.Errorf("%q: bad or repeated id", v.ID)
		}
		seen[v.ID] = true
		for field, text := range map[string]string{"Title": v.Title, "From": v.From, "To": v.To, "Why": v.Why, "Fix": v.Fix, "RFC": v.RFC} {
			if text == "" || strings.ContainsAny(text, "\r\n\x00") {
				t.Errorf("%s: bad %s %q", v.ID, field, text)
			}
		}
		if !strings.HasSuffix(v.Why, ".") || !strings.HasSuffix(v.Fix, ".") {
			t.Errorf("%s: Why and Fix are sentences", v.ID)
		}
		if !slices.Contains([]Class{Core, Standard, Historic, Intrusive}, v.Class) {
			t.Errorf("%s: unknown class %q", v.ID, v.Class)
		}
		if own := v.First != "" || v.Setup != (Setup{}); own != (v.Before() != "") {
			t.Errorf("%s: %+v is told as %q", v.ID, v.Setup, v.Before())
		}
		steps := 0
		for _, step := range []bool{v.First != "", v.Setup.Verb != "", v.Setup.Helo != "", v.Setup.Needs != "", v.Setup.Proxy != 0} {
			if step {
				steps++
			}
		}
		if steps > 1 {
			t.Errorf("%s takes %d steps before, and Before tells one", v.ID, steps)
		}
		// Only a recipient with a local reading can be accepted for a local mailbox's name.
		if plain := strings.HasSuffix(v.To, "@{to}>"); plain && v.Suspect && !strings.Contains(v.To, "{own-literal}") {
			t.Errorf("%s: suspect, with a plain foreign recipient", v.ID)
		}
	}
}

// Every word in braces is in the table of placeholders, and every one there is used.
func TestPlaceholders(t *testing.T) {
	used := make(map[string]bool)
	for _, v := range Vectors {
		for _, m := range regexp.MustCompile(`\{[^}]*\}`).FindAllString(v.From+v.To+v.First+v.Setup.Helo+v.Setup.Claim, -1) {
			used[strings.Trim(m, "{}")] = true
		}
	}
	for _, p := range Placeholders {
		if !used[p.Word] || p.About == "" {
			t.Errorf("{%s}: %q, used: %v", p.Word, p.About, used[p.Word])
		}
		delete(used, p.Word)
	}
	if len(used) > 0 {
		t.Errorf("nobody says what %v stand for", used)
	}
}

// What a server may find fault with: the form of a recipient, or its domain.
func TestRecipients(t *testing.T) {
	for id, want := range map[string]struct{ form, abroad, tld bool }{
		"plain": {false, true, false}, "plain-com": {false, true, true}, "plain-org": {false, true, true}, "null-sender": {false, true, false},
		"mixed-case": {true, true, false}, "trailing-dot": {true, true, false}, "no-brackets": {true, true, false}, "route-own-host": {true, true, false},
		"percent-own-domain": {true, false, false}, "percent-bare": {true, false, false}, "subdomain-of-own": {true, false, false}, "trailing-at": {true, false, false},
	} {
		v, _ := Find(id)
		got := struct{ form, abroad, tld bool }{v.FormIsPoint(), v.EndsAbroad(), v.StandsForTLD()}
		if got != want {
			t.Errorf("%s: %+v, want %+v", id, got, want)
		}
	}
}

// The quick profile is one session: with its two controls, eight refusals.
func TestQuickProfile(t *testing.T) {
	vectors, err := Select("quick", false)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, v := range vectors {
		ids = append(ids, v.ID)
	}
	want := []string{"plain", "null-sender", "same-domain", "sender-own-domain", "percent-own-domain", "route-own-host"}
	if !slices.Equal(ids, want) {
		t.Errorf("quick is %q, want %q", ids, want)
	}
}

func TestSelect(t *testing.T) {
	standard, _ := Select("standard", false)
	thorough, _ := Select("thorough", true)
	if len(thorough) != len(Vectors) || len(standard) >= len(thorough) {
		t.Errorf("standard has %d rows, thorough %d of %d", len(standard), len(thorough), len(Vectors))
	}
	if _, err := Select("deep", false); err == nil {
		t.Error("unknown profile selected")
	}
}

func TestSenderIsPoint(t *testing.T) {
	for id, want := range map[string]bool{
		"plain": false, "same-domain": false, "plain-net": false, "plain-org": false, "percent-bare": false,
		"null-sender": true, "sender-own-domain": true, "sender-localhost": true, "sender-unqualified": true, "sender-own-literal": true,
	} {
		v, ok := Find(id)
		if !ok || v.SenderIsPoint() != want {
			t.Errorf("%s: senderIsPoint %v, want %v", id, v.SenderIsPoint(), want)
		}
	}
}

// Rows of one family are one form, whatever name of the server's own they hold; the families differ.
func TestForm(t *testing.T) {
	families := map[string]string{} // by form
	for _, family := range []string{"percent", "quoted", "bang", "double-at"} {
		for _, v := range Vectors {
			if !strings.HasPrefix(v.ID, family+"-") {
				continue
			}
			if other, known := families[v.Form()]; known && other != family {
				t.Errorf("%s: %q is the form of %s too", v.ID, v.Form(), other)
			}
			families[v.Form()] = family
		}
	}
	if len(families) != 4 {
		t.Errorf("more than one form in a family: %v", families)
	}
}
