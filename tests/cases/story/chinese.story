edition 1

story "灯会之夜"
  .model kirin_v3_t2v
  .negative 人群，文字、水印
  .suffix 三十五毫米胶片颗粒。
  信使在灯会之夜穿过苏州。

let 小梅 = 小梅，一位身穿红色汉服的年轻女子
param 城市 = 苏州

phrase 跟拍(谁, 哪里)
  跟拍镜头：{{ 谁 }}走过
  {{ 哪里 }}。

scene 到来 "到来" 9s
  {{ 城市 }}的灯街，
  黄昏，雨刚停。

shot 街道 5s
  大远景。{{ scene.text }}
  “灯笼”摇曳。

  第二段 with English
  and 中文。

shot 行走 4s
  .avoid 微笑、看镜头
  {{ 跟拍(小梅, "夜市") }}
  Mei 5s
