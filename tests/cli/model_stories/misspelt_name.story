story "Night"
  .model kirin_v3_t2v

let boatman = an old boatman

shot street 5s
  {{ boatmn }} waits.
