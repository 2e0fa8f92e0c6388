(()=>{
const d=document,n=navigator,l=location,s=d.currentScript;
if(!s||n.globalPrivacyControl||n.doNotTrack=='1')return;
const to=new URL('/v/'+s.dataset.site,s.src),push=history.pushState;
let last,from=d.referrer;
const send=()=>{
if(l.pathname==last)return;
last=l.pathname;
const q=[...new URLSearchParams(l.search)].filter(([k])=>/^(utm_(source|medium|campaign|content)|cpid)$/i.test(k));
fetch(to,{method:'POST',keepalive:true,credentials:'omit',referrerPolicy:'origin',body:JSON.stringify({p:last,q:''+new URLSearchParams(q),r:from.split('/')[2]||'',w:+!!n.webdriver})}).catch(()=>0);
from='';
};
history.pushState=function(...a){push.apply(this,a);send()};
addEventListener('popstate',send);
d.prerendering?d.addEventListener('prerenderingchange',send,{once:true}):send();
})();
