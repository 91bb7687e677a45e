package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
)

// secrets are files that somebody may name by mistake. "hunter2" and "Xyzzy" are in each.
var secrets = map[string]string{
	"shadow":      "root:$6$hunter2$Xyzzy:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n",
	"id_ed25519":  "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAAhunter2+Xyzzy/AAAA==\n-----END OPENSSH PRIVATE KEY-----\n",
	"env":         "# a remark\nDB_PASSWORD=hunter2\nTOKEN=Xyzzy\n",
	"netrc":       "machine mail.example.org login hunter2 password Xyzzy\n",
	"pgpass":      "db.example.org:5432:hunter2:ada:Xyzzy\n",
	"credentials": "hunter2:Xyzzy\n",
	"words":       "hunter2 Xyzzy\nhunter2/Xyzzy\n",
	"htpasswd":    "mail.example.org\n192.0.2.1\nhunter2:$apr1$Xyzzy\n",
	"json":        "{\"password\":\"hunter2\",\"verdict\":7,\"x\":[Xyzzy]}\n",
	"yaml":        "password: hunter2\ntoken: Xyzzy\n",
	"binary":      "hunter2\x00\xff\x1b[2JXyzzy",
	"dotted":      "correct.horse\nhunter2\nXyzzy:x\n",
	"pairs":       "mail.example.org\nhunter2:Xyzzy\n",
	"mx":          "mx:hunter2!Xyzzy\n",
	"short":       "192.0.2.1\nhunter2/Xyzzy\n",
	"dqs":         "bl.example.org\nhunter2Xyzzy.zen.dq.spamhaus.net ip5\n",
}

// Whatever file is named by mistake, nothing that it holds is said.
func TestErrorsQuoteNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	for name, text := range secrets {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"scan", "@FILE"}, {"scan", "-"}, {"scan", "--exclude-file", "FILE", "127.0.0.1:1"}, {"scan", "--scope", "FILE", "127.0.0.1:1"},
			{"scan", "--baseline", "FILE", "127.0.0.1:1"}, {"scan", "--resume", "FILE", "127.0.0.1:1"}, {"scan", "--blocklists", "--zones", "FILE", "127.0.0.1:1"},
			{"scan", "--auth", "ada", "--auth-password-file", "FILE", "--auth-ca", "FILE", "127.0.0.1:1"},
			{"scan", "--proof", "deliver", "--deliver-to", "example.org", "--catch-key", "FILE", "127.0.0.1:1"},
			{"catch", "--domain", "relaytest.example.org", "--key", "FILE"},
			{"catch", "--domain", "relaytest.example.org", "--key", "new.key", "--cert", "FILE", "--tls-key", "FILE"},
			{"blocklist", "@FILE"}, {"blocklist", "--zones", "FILE", "--list"}, {"blocklist", "--bounce", "FILE"},
			{"report", "FILE"}, {"report", "-"}, {"report", "--deliveries", "FILE", "/dev/null"}, {"diff", "FILE", "FILE"}, {"explain", "./FILE"},
		} {
			for i, arg := range args {
				args[i] = strings.ReplaceAll(arg, "FILE", name)
			}
			var said bytes.Buffer
			status := run(t.Context(), args, strings.NewReader(text), &said, &said)
			if status != statusUsage && !slices.Contains(args, "--bounce") {
				t.Errorf("%q: status %d", args, status)
			}
			for _, secret := range []string{"hunter2", "Xyzzy", "apr1", "b3Blb"} {
				if strings.Contains(said.String(), secret) {
					t.Errorf("%q says\n%s", args, said.String())
				}
			}
		}
	}
}
