package api

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// inWordsOf writes an error that no API made as the cloud does whose path it is, or whose signature the call carries.
func inWordsOf(path, action, authorization, code, message, id string) fiber.Map {
	under := func(roots ...string) bool {
		for _, r := range roots {
			if path == r || strings.HasPrefix(path, r+"/") {
				return true
			}
		}
		return false
	}
	switch {
	case under("/api/v1/aijobs", "/api/v1/resourcepools") || path == "/" && action != "" || strings.HasPrefix(authorization, "bce-auth-"):
		return fiber.Map{"code": code, "message": message, "requestId": id}
	case under("/v2") || strings.HasPrefix(authorization, "SDK-HMAC-"):
		return fiber.Map{"error_code": code, "error_msg": message}
	}
	return fiber.Map{"Code": code, "Message": message, "RequestId": id}
}
