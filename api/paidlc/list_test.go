package paidlc_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// listed are the names of the jobs that a query gives.
func (b *bench) listed(query string) string {
	b.T.Helper()
	out := b.OK("GET", "/api/v1/jobs?"+query, nil)
	var names []string
	for _, j := range out["Jobs"].([]any) {
		names = append(names, j.(map[string]any)["DisplayName"].(string))
	}
	return fmt.Sprintf("%v: %s", out["TotalCount"], strings.Join(names, " "))
}

func TestListJobs(t *testing.T) {
	b := start(t)
	name := func(n string) func(object) { return with("DisplayName", n) }
	a := b.create(job("sleep 10; exit 2", name("alpha-1"), with("Settings", object{"Tags": object{"team": "red", "x": "y"}, "Caller": "sdk", "BusinessUserId": "7", "PipelineId": "p"})))
	b.Advance(100 * s)
	c := b.create(job("python train.py --lr 1", name("Alpha-2"), with("JobType", "TFJob"), with("ResourceId", "quotaorrery0dev"), with("Priority", 5), with("Envs", object{"ORRERY_DURATION": "30d"}),
		with("Settings", object{"OversoldType": "AcceptQuotaOverSold"}), with("TemplateId", "tpl")))
	b.Header = http.Header{"Authorization": {"acs OTHER:sig"}}
	b.create(job("sleep 5", name("beta"), with("WorkspaceId", "268"), with("Accessibility", "PUBLIC"), inSpec("Image", "other/torch:2"), inSpec("SpotSpec", object{"SpotStrategy": "SpotWithPriceLimit", "SpotPriceLimit": 1}),
		inSpec("AssignNodeSpec", object{"EnableAssignNode": true, "NodeNames": "t4-0000"})))
	b.Header = http.Header{}
	b.Advance(60 * s)
	all := "ShowOwn=false&"
	for _, tc := range []struct{ query, want string }{
		{"", "2: Alpha-2 alpha-1"},
		{all, "3: beta Alpha-2 alpha-1"},
		{all + "Order=asc", "3: alpha-1 Alpha-2 beta"},
		{all + "SortBy=DisplayName&Order=asc", "3: Alpha-2 alpha-1 beta"},
		{all + "SortBy=Status", "3: beta Alpha-2 alpha-1"},
		{all + "SortBy=JobType&Order=asc", "3: alpha-1 beta Alpha-2"},
		{all + "SortBy=GmtFinishTime&Order=asc", "3: Alpha-2 alpha-1 beta"},
		{all + "PageSize=2", "3: beta Alpha-2"},
		{all + "PageSize=2&PageNumber=2", "3: alpha-1"},
		{all + "PageSize=2&PageNumber=9", "3: "},
		{"DisplayName=ALPHA", "2: Alpha-2 alpha-1"},
		{"DisplayName=alpha&DisplayNameSearchMode=prefix", "2: Alpha-2 alpha-1"},
		{"DisplayName=1&DisplayNameSearchMode=prefix", "0: "},
		{"DisplayName=alpha-1&DisplayNameSearchMode=term", "1: alpha-1"},
		{"DisplayName=*-1&DisplayNameSearchMode=wildcard", "1: alpha-1"},
		{"DisplayName=2%20alpha&DisplayNameSearchMode=fulltext", "1: Alpha-2"},
		{all + "JobType=TFJob", "1: Alpha-2"},
		{all + "Status=Running", "1: Alpha-2"},
		{all + "Status=Failed,Succeeded", "2: beta alpha-1"},
		{"UserIdForFilter=OTHER", "0: "},
		{all + "UserIdForFilter=OTHER", "1: beta"},
		{all + "Username=oth", "1: beta"},
		{all + "WorkspaceId=268", "1: beta"},
		{all + "WorkspaceId=268&FromAllWorkspaces=true", "3: beta Alpha-2 alpha-1"},
		{"ResourceId=quotaorrery0dev", "1: Alpha-2"},
		{"ResourceQuotaName=DEV", "1: Alpha-2"},
		{"BusinessUserId=7", "1: alpha-1"}, {"Caller=sdk", "1: alpha-1"}, {"PipelineId=p", "1: alpha-1"}, {"TemplateId=tpl", "1: Alpha-2"},
		{"Tags=" + url.QueryEscape(`{"team":"red"}`), "1: alpha-1"},
		{"Tags=" + url.QueryEscape(`{"team":"red","x":"z"}`), "0: "},
		{"JobId=" + a, "1: alpha-1"},
		{"JobIds=" + a + "," + c, "2: Alpha-2 alpha-1"},
		{"JobId=" + a + "&JobIds=" + c, "1: alpha-1"},
		{all + "Accessibility=PUBLIC", "1: beta"},
		{all + "PaymentType=Spot", "1: beta"}, {all + "PaymentType=PrePaid", "1: Alpha-2"}, {all + "PaymentType=PostPaid", "1: alpha-1"},
		{"OversoldInfo=AcceptQuotaOverSold-false", "1: Alpha-2"}, {"OversoldInfo=ForbiddenQuotaOverSold", "1: alpha-1"},
		{all + "EnableAssignNode=true", "1: beta"},
		{all + "UserCommandSearch=LR%20train", "1: Alpha-2"},
		{all + "ImageSearch=torch", "1: beta"},
		{"ReasonSearch=exit%20code%202", "1: alpha-1"},
		{"NumericRangeField=Priority&NumericRangeMin=2", "1: Alpha-2"},
		{"NumericRangeField=Duration&NumericRangeMin=10&NumericRangeMax=10", "1: alpha-1"},
		{all + "NumericRangeField=RequestGPU&NumericRangeMax=1", "0: "},
		{all + "StartTime=2026-03-01T00:01:00Z", "2: beta Alpha-2"},
		{all + "EndTime=2026-03-01T00:01:00Z", "1: alpha-1"},
		{all + "TimeRangeField=GmtFinishTime&StartTime=2026-03-01T00:01:00Z", "1: beta"},
		{all + "TimeRangeField=GmtRunningTime&EndTime=2026-03-01T00:01:00Z", "1: alpha-1"},
	} {
		if got := b.listed(tc.query); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.query, got, tc.want)
		}
	}
	for query, says := range map[string]string{"PageSize=101": "1 to 100", "PageNumber=0": "1 to 1000", "PageNumber=x": "whole number", "Order=up": "desc or asc", "SortBy=Size": "SortBy",
		"Status=Sleeping": "Sleeping", "StartTime=yesterday": "2006-01-02T15:04:05Z", "Tags=red": "JSON object", "ShowOwn=perhaps": "true or false",
		"NumericRangeField=Weight": "Weight", "NumericRangeMin=x": "whole number", "Accessibility=SECRET": "PUBLIC or PRIVATE"} {
		b.refused("GET", "/api/v1/jobs?"+query, nil, 400, "InvalidParameter", says)
	}
	b.Advance(8 * 24 * 3600 * s)
	if got := b.listed(all); got != "0: " {
		t.Errorf("after a week the list is %s", got)
	}
	if got := b.listed(all + "StartTime=2026-03-01T00:00:00Z"); got != "3: beta Alpha-2 alpha-1" {
		t.Errorf("with a start it is %s", got)
	}
}
