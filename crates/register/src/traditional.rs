//! Traditional characters in the names of places: 廣東省 is 广东省.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A traditional character and its simplified one, for the characters in names of divisions and units. Those that such
/// names themselves have (乾安县) are left out, so that nothing is changed that is right.
const PAIRS: &str = "\
    亞亚佈布來来侖仑倉仓個个們们倫伦偉伟傢家僕仆儀仪兒儿兗兖內内兩两冊册凱凯別别則则剋克剛刚劄札劍剑動动務务勝胜勸劝\
    勻匀匯汇區区卽即厤历叢丛吳吴呂吕員员啓启啟启單单噹当嚮向囌苏國国圍围園园圖图團团垻坝堯尧場场塗涂墊垫墰坛墾垦壇坛\
    壘垒壜坛壩坝壯壮壺壶壽寿夢梦夾夹婁娄孫孙宮宫寧宁審审寬宽寶宝將将尋寻岡冈峯峰島岛峽峡崍崃崑昆崗岗崙仑嵐岚嶗崂嶧峄\
    嶺岭嶼屿嶽岳巒峦巖岩師师帶带幹干庫库廂厢廈厦廕荫廠厂廣广廬庐張张強强彆别彌弥彙汇彥彦彿佛後后從从復复徵征恆恒愛爱\
    慄栗慶庆慼戚憑凭應应懞蒙懷怀戶户揚扬撫抚敘叙於于旂旗昇升晉晋暉晖曆历曏向會会東东枴拐柺拐査查棗枣棲栖楊杨業业極极\
    榦干榮荣樂乐樅枞樑梁樓楼樹树樺桦橋桥橫横檯台權权欒栾欽钦歷历歸归沖冲涇泾涼凉淥渌淩凌淶涞渦涡渾浑湞浈湯汤準准溝沟\
    溫温溮浉滄沧滎荥滙汇滿满漢汉漣涟漵溆潁颍潛潜潤润潯浔澗涧澠渑澤泽澱淀濛蒙濟济濬浚濰潍濱滨瀋沈瀏浏瀘泸瀰弥瀾澜灘滩\
    灣湾灤滦為为烏乌無无煙烟煩烦燈灯營营爐炉爲为爾尔猶犹獅狮獨独獲获獻献琿珲瑤瑶瑪玛瑯琅環环瓊琼甌瓯甕瓮畢毕當当疇畴\
    疊叠監监盤盘盧卢眞真矇蒙硯砚碩硕碭砀確确礄硚礦矿祿禄禪禅禮礼稜棱稱称穀谷積积穫获窪洼窮穷窯窑競竞箇个箚札節节範范\
    簡简籐藤糰团紅红納纳級级紮扎細细紹绍結结絳绛綏绥經经綠绿維维綵彩綿绵緑绿縉缙縣县績绩織织罈坛罎坛羅罗羣群義义習习\
    聖圣聞闻聯联聶聂肅肃脩修脫脱膠胶臘腊臥卧臨临臺台興兴舊旧舘馆荊荆莊庄菓果華华菴庵菸烟萊莱萬万葉叶蒼苍蓋盖蓮莲蔭荫\
    蕪芜蕭萧薊蓟薌芗薑姜薩萨藍蓝藴蕴藺蔺蘄蕲蘆芦蘇苏蘊蕴蘭兰蘿萝處处衕同衚胡衛卫衝冲袷夹裏里裡里複复覺觉觀观託托訥讷\
    許许詔诏誌志誼谊調调諸诸諾诺謀谋謙谦謝谢謨谟譙谯譜谱讓让讚赞谿溪豐丰貝贝貞贞貢贡貴贵費费賀贺資资賈贾賓宾賚赉賢贤\
    賽赛贊赞贛赣趙赵車车軍军載载輝辉輪轮輿舆轄辖辦办農农迴回連连週周進进遊游運运達达遙遥遜逊遠远遷迁遼辽邁迈邊边郟郏\
    郵邮鄆郓鄉乡鄒邹鄖郧鄧邓鄭郑鄰邻鄲郸鄴邺鈡钟鉅巨鉛铅銀银銅铜鋒锋鋼钢錢钱錦锦錫锡錯错鍾钟鎣蓥鎭镇鎮镇鏡镜鐘钟鐵铁\
    鑲镶長长門门開开間间閔闵閘闸閣阁閤合閩闽閬阆閶阊閻阎闆板關关陘陉陝陕陞升陰阴陳陈陸陆陽阳隨随隴陇雙双雜杂雞鸡離离\
    雲云電电霑沾靈灵靜静鞏巩韆千韓韩響响頂顶項项順顺頗颇頭头額额類类風风颱台餘余館馆饒饶馬马駐驻騰腾驊骅驛驿鬆松鬍胡\
    鬥斗鬱郁魚鱼魯鲁鮁鲅鮮鲜鯉鲤鳩鸠鳳凤鳴鸣鴛鸳鴨鸭鵝鹅鶴鹤鷄鸡鷹鹰鹹咸鹼碱鹽盐麗丽麥麦麯曲麴曲黃黄點点黨党齊齐龍龙\
    龐庞";

/// A text of a place in simplified characters.
pub fn simplified(text: &str) -> Cow<'_, str> {
    match text.chars().any(|c| simple(c) != c) {
        true => Cow::Owned(text.chars().map(simple).collect()),
        false => Cow::Borrowed(text),
    }
}

/// A character as names of places write it.
pub(super) fn simple(c: char) -> char {
    static KNOWN: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let mut chars = PAIRS.chars();
        std::iter::from_fn(|| Some((chars.next()?, chars.next()?))).collect()
    });
    if c.is_ascii() { c } else { KNOWN.get(&c).copied().unwrap_or(c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_simplified_and_others_stay() {
        for (text, expected) in [
            ("廣東省廣州市增城區", "广东省广州市增城区"),
            ("荔湖社區居民委員會", "荔湖社区居民委员会"),
            ("臺灣省", "台湾省"),
            ("重慶市萬縣", "重庆市万县"),
            ("吉林省乾安县", "吉林省乾安县"),
            ("广东省", "广东省"),
        ] {
            assert_eq!(simplified(text), expected);
        }
    }

    #[test]
    fn no_name_of_a_division_is_changed() {
        assert!(crate::division::TABLE.chars().all(|c| simple(c) == c));
    }
}
