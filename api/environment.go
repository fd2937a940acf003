package api

// Environment tells a program where a world is, in our words and in those of the official clients.
func Environment(address string) map[string]string {
	return map[string]string{
		"ORRERY_URL":                                  "http://" + address,
		"ORRERY_ENDPOINT":                             address,
		"PAI_DLC_ENDPOINT":                            address,
		"ALIBABA_CLOUD_ACCESS_KEY_ID":                 "orrery",
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET":             "orrery",
		"AIHC_ENDPOINT":                               "http://" + address,
		"BCE_ACCESS_KEY_ID":                           "orrery",
		"BCE_SECRET_ACCESS_KEY":                       "orrery",
		"MODELARTS_ENDPOINT":                          "http://" + address,
		"HUAWEICLOUD_SDK_AK":                          "orrery",
		"HUAWEICLOUD_SDK_SK":                          "orrery",
		"HUAWEICLOUD_SDK_PROJECT_ID":                  "orrery",
		"HUAWEICLOUD_SDK_REGION_MODELARTS_CN_NORTH_4": "http://" + address,
	}
}
