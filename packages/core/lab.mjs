import canonicalize from 'canonicalize';
const o={tool:'crm_update_customer',params:{customer_id:'cust_123',account_status:'review',amount:2400,currency:'usd',note:'please call back before noon',urgent:true},agent_id:'billing_agent',action:'update',execution_state:{variables:{branch:'main'},tool_outputs:{lookup:{balance:125,status:'overdue'}}},idempotency_key:'k-1234567890-abcdef'};
const t=JSON.stringify(o); console.log(t.length);
function bench(n,f){for(let i=0;i<3e4;i++)f();const s=process.hrtime.bigint();for(let i=0;i<n;i++)f();return Number(process.hrtime.bigint()-s)/n/1000}
console.log('canonicalize us',bench(2e5,()=>canonicalize(o)));
console.log('JSON.stringify us',bench(2e5,()=>JSON.stringify(o)));
console.log('JSON.parse us',bench(2e5,()=>JSON.parse(t)));
