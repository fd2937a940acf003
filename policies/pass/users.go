package pass

// users are what each user holds and their waiting jobs, for the order fair-by-user.
type users struct {
	held []int64
	jobs [][]int32
}

func (u *users) grow(user int32) {
	for int32(len(u.held)) <= user {
		u.held = append(u.held, 0)
		u.jobs = append(u.jobs, nil)
	}
}

func (u *users) gpus(user int32) int64 {
	if user < 0 || int(user) >= len(u.held) {
		return 0
	}
	return u.held[user]
}

func (u *users) use(user int32, gpus int64) int64 {
	u.grow(user)
	u.held[user] += gpus
	return u.held[user]
}

func (u *users) join(user, job int32) {
	if user >= 0 {
		u.grow(user)
		u.jobs[user] = append(u.jobs[user], job)
	}
}

func (u *users) part(user, job int32) {
	if user < 0 {
		return
	}
	for i, j := range u.jobs[user] {
		if j == job {
			u.jobs[user] = append(u.jobs[user][:i], u.jobs[user][i+1:]...)
			return
		}
	}
}

func (u *users) waiting(user int32) []int32 { return u.jobs[user] }

func (u *users) clone() users {
	c := users{held: append([]int64(nil), u.held...), jobs: make([][]int32, len(u.jobs))}
	for i := range u.jobs {
		c.jobs[i] = append([]int32(nil), u.jobs[i]...)
	}
	return c
}
