story "Every model"
  .watermark off

scene three
  .model kirin_v3_t2v

shot alone 4s
  .pack shot
  雨の提灯。

shot first 2s
  Rain begins.

shot second 2s
  .mode std
  Rain falls.

scene one
  .model kirin_v1_t2v
  .negative blur

shot moves 5s
  .camera_control {"type": "simple", "config": {"zoom": 5}}
  .cfg_scale 0.7
  A slow zoom on a lantern.

shot holds 10s
  .mode pro
  The lantern alone.

scene one_six
  .model kirin_v1_6_t2v
  .cfg_scale 1

shot boat 10s
  A boat.

scene two
  .model kirin_v2_master_t2v
  .aspect_ratio 9:16

shot bridge 5s
  A bridge.

scene two_one
  .model kirin_v2_1_master_t2v
  .negative blur, text
  .negatives inline

shot gate 5s
  .avoid people
  A gate.

scene two_six
  .model kirin_v2_6_t2v
  .mode pro
  .sound on
  .callback_url https://example.test/done

shot bell 5s
  A bell.
