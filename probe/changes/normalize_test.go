package changes

import "testing"

func TestNormalize(t *testing.T) {
	for _, v := range volatile {
		if got := normalize("mx " + v.example); got != "mx *" {
			t.Errorf("%s: %q is left of %q", v.about, got, v.example)
		}
	}
	for _, alike := range [][2]string{
		{"mx.google.com ESMTP d9443c01a7336-1f6bd7c9d9csi1234567.123 - gsmtp", "mx.google.com ESMTP 98e67ed59e1d1-2c3bf6cbf1asi9876543.210 - gsmtp"},
		{"mx Microsoft ESMTP MAIL Service ready at Mon, 23 Nov 2026 18:00:02 +0000 [08DE29C1B2A3F4E5]", "mx Microsoft ESMTP MAIL Service ready at Tue, 3 Nov 2026 08:00:02 +0000 [08DE29FFB2A3F4E6]"},
		{"mx ESMTP Sendmail 8.15.2/8.15.2; Mon, 23 Nov 2026 18:00:02 GMT", "mx ESMTP Sendmail 8.15.2/8.15.2; Mon, 23 Nov 2026 19:00:02 GMT"},
		{"mx ESMTP Haraka ready (6F9619FF-8B86-4011-B42D-00CF4FC964FF)", "mx ESMTP Haraka ready (A09619FF-8B86-4011-B42D-00CF4FC96400)"},
	} {
		if a, b := normalize(alike[0]), normalize(alike[1]); a != b {
			t.Errorf("%q and %q are no change", a, b)
		}
	}
	for _, differ := range [][2]string{
		{"mx ESMTP Postfix", "mx ESMTP Exim"},
		{"mx ESMTP Exim 4.96", "mx ESMTP Exim 4.97"},
		{"mx ESMTP Sendmail 8.17.1.9/8.17.1.9/Debian-2+deb12u2", "mx ESMTP Sendmail 8.17.1.9/8.17.1.9/Debian-2+deb12u3"},
		{"mx0a-00123456.pphosted.com ESMTP", "mx0b-00123456.pphosted.com ESMTP"},
		{"a1b2c3d4e5.example.org ESMTP", "a1b2c3d4e6.example.org ESMTP"},
		{"mx Microsoft Exchange 15.01.2507.039", "mx Microsoft Exchange 15.01.2507.044"},
		{"mx ESMTP", "mx SMTP"},
	} {
		if a, b := normalize(differ[0]), normalize(differ[1]); a == b {
			t.Errorf("%q and %q are taken for the same", differ[0], differ[1])
		}
	}
}
